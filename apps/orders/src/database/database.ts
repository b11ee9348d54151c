import pg from 'pg';

/** One row of any query. */
export type Row = Record<string, unknown>;

/** What runs statements, in a transaction or each in its own. */
export interface Statements {
  query<R extends Row>(text: string, params?: readonly unknown[]): Promise<R[]>;
}

/** A transaction that is open. */
export interface Transaction extends Statements {
  /** Its connection, for `@bulletproof/postgres`. */
  readonly client: pg.ClientBase;
}

const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** PostgreSQL, seen through one schema. */
export class Database implements Statements {
  /** Its connections, all in the schema; for `@bulletproof/postgres`. */
  readonly pool: pg.Pool;

  /** Connects lazily. The schema's name is a plain lower-case identifier. */
  constructor(
    url: string,
    readonly schema: string,
    maxConnections = 10,
  ) {
    if (!SCHEMA_NAME.test(schema)) {
      throw new Error(`Expected a schema name such as orders_1, got ${JSON.stringify(schema)}.`);
    }
    this.pool = new pg.Pool({
      connectionString: url,
      max: maxConnections,
      // Not the connection option `-c search_path`: an address that has options of its own would win over it silently.
      onConnect: usesSchema(schema),
    });
    // An idle connection that breaks (a restarted server) is replaced by the pool; unheard, it would end the process.
    this.pool.on('error', () => {});
  }

  /** Runs one statement. */
  async query<R extends Row>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    return (await this.pool.query<R>(text, [...params])).rows;
  }

  /** Runs `work` between BEGIN and COMMIT; whatever it throws rolls back and comes out. */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work({
        client,
        query: async <R extends Row>(text: string, params: readonly unknown[] = []) =>
          (await client.query<R>(text, [...params])).rows,
      });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      // A connection that cannot even roll back is thrown away, not lent again.
      client.release(broken);
    }
  }

  /** Waits for running statements and disconnects. */
  async close(): Promise<void> {
    await this.pool.end();
  }
}

// The pool waits for what this returns, although its types do not say so.
function usesSchema(schema: string): (client: pg.ClientBase) => unknown {
  return (client) => client.query(`SET search_path TO ${schema}`);
}

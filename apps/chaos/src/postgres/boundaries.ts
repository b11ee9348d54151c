import type { Pool, PoolClient } from '@bulletproof/postgres';

/** A place before or after a statement. */
export interface Boundary {
  /** What the statement contains. */
  readonly statement: string;
  readonly when: 'before' | 'after';
}

/** Both places at each statement. */
export function boundariesOf(statements: readonly string[]): Boundary[] {
  return statements.flatMap((statement) => [
    { statement, when: 'before' as const },
    { statement, when: 'after' as const },
  ]);
}

/** Told of every boundary that a client comes to; may end the process, or throw. */
export type AtBoundary = (boundary: Boundary, client: PoolClient) => void;

/** A pool of which every client tells at which boundary it is. */
export function watched(pool: Pool, at: AtBoundary): Pool {
  return { connect: async () => watchedClient(await pool.connect(), at) };
}

function watchedClient(client: PoolClient, at: AtBoundary): PoolClient {
  return {
    on: (event, listener) => client.on?.(event, listener),
    off: (event, listener) => client.off?.(event, listener),
    release: (broken) => client.release(broken),
    query: async (statement, params) => {
      at({ statement, when: 'before' }, client);
      const answer = await client.query(statement, params);
      at({ statement, when: 'after' }, client);
      return answer;
    },
  };
}

/** Whether a place is the one that is meant. */
export function isAt(found: Boundary, meant: Boundary): boolean {
  return found.when === meant.when && found.statement.includes(meant.statement);
}

/** Where a process ends itself with SIGKILL: the nth time that it comes to the boundary. */
export interface Crash extends Boundary {
  readonly nth: number;
}

/** Ends this process there; without a crash, nowhere. */
export function crashAt(crash: Crash | undefined): AtBoundary {
  let times = 0;
  return (boundary) => {
    if (!crash || !isAt(boundary, crash)) return;
    times += 1;
    if (times === crash.nth) process.kill(process.pid, 'SIGKILL');
  };
}

/** Cuts the connection of a client of `pg`, as a network does. */
export function cut(client: PoolClient): void {
  (
    client as unknown as { connection: { stream: { destroy(): void } } }
  ).connection.stream.destroy();
}

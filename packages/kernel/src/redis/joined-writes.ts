import type { Writable } from 'node:stream';

/**
 * Commands of one turn that travel together. A system call each costs this process, and Redis, as much as a small command does;
 * but all of a turn at once would leave Redis idle while this process works, and the other way round.
 */
export const MOST_TOGETHER = 16;

/**
 * Has a stream hand on what is written in one turn of the event loop in few pieces, in the same order. Nothing waits longer than
 * the turn in which it was written.
 */
export function joinWrites(stream: Writable): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let held = 0;
  const release = (): void => {
    held = 0;
    stream.uncork();
  };
  stream.write = (...args: unknown[]): boolean => {
    if (held === 0) {
      stream.cork();
      // Runs after the microtasks of this turn, and before anything is read.
      process.nextTick(release);
    }
    held += 1;
    const isRoomLeft = write(...args);
    if (held % MOST_TOGETHER === 0) {
      stream.uncork();
      stream.cork();
    }
    return isRoomLeft;
  };
}

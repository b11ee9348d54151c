import type { Reply, Task } from './protocol.js';

/** What this process was started with. */
export function settings<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** Tells the conductor that this process is ready, and does from then on what it asks for. Ends with it. */
export function play(tasks: Readonly<Record<string, (data: never) => unknown>> = {}): void {
  const reply = (message: Reply): void => {
    if (process.connected) process.send?.(message);
  };
  process.on('message', ({ id, task, data }: Task) => {
    const act = async (): Promise<unknown> => tasks[task]?.(data as never);
    act().then(
      (answer) => reply({ to: id, answer }),
      (error: unknown) =>
        reply({ to: id, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
  reply({ to: 0 });
}

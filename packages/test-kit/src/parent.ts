import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** The test that started this process with `startChild`. */
export interface Parent {
  /** Sends a message; it has left this process when the call returns, so that not even `kill -9` loses it. */
  say(what: string, data?: Readonly<Record<string, unknown>>): void;
  /** Calls the listener for each message of that kind which the test tells. */
  onTold(what: string, listener: (data: Readonly<Record<string, unknown>>) => void): void;
  /** Resolves with the next message of that kind. */
  told(what: string): Promise<Readonly<Record<string, unknown>>>;
}

type Listener = (data: Readonly<Record<string, unknown>>) => void;

/** The child's side of `startChild`: call it once, at the top of a fixture. The process ends when the test's process does. */
export function connectParent(): Parent {
  const listeners = new Map<string, Set<Listener>>();
  const backlog = new Map<string, Readonly<Record<string, unknown>>[]>();
  const { stdin } = process;
  const lines = createInterface({ input: stdin });
  // Only who listens to the test stays alive for it.
  const listening = () => {
    const busy = [...listeners.values()].some((interested) => interested.size > 0);
    if (!(stdin instanceof Socket)) return;
    if (busy) stdin.ref();
    else stdin.unref();
  };
  listening();
  lines.on('line', (line) => {
    const data = JSON.parse(line) as Readonly<Record<string, unknown>> & { say: string };
    const interested = listeners.get(data.say);
    if (interested?.size) for (const listener of interested) listener(data);
    else backlog.set(data.say, [...(backlog.get(data.say) ?? []), data]);
  });
  lines.on('close', () => process.exit(0));
  const onTold = (what: string, listener: Listener) => {
    const interested = listeners.get(what) ?? new Set();
    listeners.set(what, interested.add(listener));
    listening();
    for (const data of backlog.get(what) ?? []) listener(data);
    backlog.delete(what);
  };
  return {
    say(what, data = {}) {
      writeSync(process.stdout.fd, `${JSON.stringify({ ...data, say: what })}\n`);
    },
    onTold,
    told: (what) =>
      new Promise((resolve) => {
        const early = backlog.get(what)?.shift();
        if (early) {
          resolve(early);
          return;
        }
        const once: Listener = (data) => {
          listeners.get(what)?.delete(once);
          listening();
          resolve(data);
        };
        onTold(what, once);
      }),
  };
}

import { type ChildProcess, fork } from 'node:child_process';
import type { ActorSide } from '../sides/side.js';
import type { Answers, Reply, Task } from './protocol.js';

const TYPESCRIPT = import.meta.url.endsWith('.ts');
const ENTRY = new URL(TYPESCRIPT ? './main.ts' : './main.js', import.meta.url);
// From sources, as tests run it, the process needs the loader that tests have.
const FLAGS = TYPESCRIPT
  ? ['--import', import.meta.resolve('@bulletproof/tooling/typescript')]
  : [];
/** A round takes seconds; whatever takes this long has broken down. */
const DEADLINE_MS = 300_000;

/**
 * A process in which one side is measured. Each side has its own, so that neither works on code that was compiled
 * for the other, or on the other's garbage.
 */
export class Actor {
  readonly #side: ActorSide;
  readonly #child: ChildProcess;

  constructor(side: ActorSide) {
    this.#side = side;
    this.#child = fork(ENTRY, [side], { execArgv: FLAGS, env: environment() });
  }

  /** Has the actor do something; one thing at a time. */
  perform<T extends Task>(task: T): Promise<Answers[T['kind']]> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        end();
        reject(new Error(`${this.#side}, ${task.kind}: ${reason}`));
      };
      const timer = setTimeout(() => fail(`no answer within ${DEADLINE_MS} ms`), DEADLINE_MS);
      const onExit = (): void => fail('the process ended');
      const onMessage = (reply: Reply): void => {
        if ('error' in reply) {
          fail(reply.error);
          return;
        }
        end();
        resolve(reply.answer as Answers[T['kind']]);
      };
      const end = (): void => {
        clearTimeout(timer);
        child.off('exit', onExit);
        child.off('message', onMessage);
      };
      child.once('exit', onExit);
      child.once('message', onMessage);
      child.send(task);
    });
  }

  /** Ends the process. */
  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await ended;
  }
}

/** Without Jest's own flags, which are not for the child. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, JEST_WORKER_ID: __, ...rest } = process.env;
  return TYPESCRIPT ? rest : process.env;
}

import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { untilProcess } from '@bulletproof/test-kit';
import type { Reply, Task } from '../roles/protocol.js';

const START_DEADLINE_MS = 60_000;
/** Longer than anything an actor is asked for takes. */
const ANSWER_DEADLINE_MS = 120_000;

/** How a process is started. */
export interface ActorOptions {
  /** The role's entry file, such as `worker`. */
  readonly role: string;
  readonly settings: object;
  /** Takes what it prints. */
  readonly logFile: string;
}

/** A process of a scenario: one that can be asked for things, stopped, and killed. */
export class Actor {
  readonly #role: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #asked = 0;

  private constructor(role: string, child: ChildProcess) {
    this.#role = role;
    this.#child = child;
    this.#closed = new Promise((resolve) => child.once('exit', () => resolve()));
    child.on('message', (reply: Reply) => this.#waiting.get(reply.to)?.(reply));
    child.on('error', () => {}); // of a message to one that is dead, which `exited` tells
  }

  /** Starts a process; resolves when it says that it is ready. */
  static async start({ role, settings, logFile }: ActorOptions): Promise<Actor> {
    const log = openSync(logFile, 'a');
    const child = fork(
      new URL(`../roles/${role}.js`, import.meta.url),
      [JSON.stringify(settings)],
      { execArgv: [], stdio: ['ignore', log, log, 'ipc'] },
    );
    closeSync(log);
    const actor = new Actor(role, child);
    try {
      await actor.#reply(0, START_DEADLINE_MS);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    return actor;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** How it ended; undefined while it runs. */
  get ending(): number | NodeJS.Signals | undefined {
    return this.#child.exitCode ?? this.#child.signalCode ?? undefined;
  }

  /** Resolves when the process is gone. */
  get exited(): Promise<void> {
    return this.#closed;
  }

  /** Has it do something, and gives its answer. A process that stands still reads the task when it wakes. */
  ask<T = unknown>(task: string, data: object = {}): Promise<T> {
    this.#asked += 1;
    const message: Task = { id: this.#asked, task, data };
    const reply = this.#reply(message.id, ANSWER_DEADLINE_MS);
    reply.catch(() => {}); // who does not wait for the answer any more need not hear of the process's end
    this.#child.send(message);
    return reply as Promise<T>;
  }

  /** Sends a signal. SIGKILL resolves when the process is gone, SIGSTOP when it stands still, others at once. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    if (signal === 'SIGKILL' && this.isRunning) await this.#closed;
    if (signal === 'SIGSTOP') await untilProcess(this.pid, 'stopped');
  }

  #reply(id: number, deadlineMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        this.#child.off('exit', onExit);
        act();
      };
      const fail = (why: string): void =>
        settle(() => reject(new Error(`The ${this.#role} process ${this.pid}: ${why}`)));
      const timer = setTimeout(() => fail(`no answer within ${deadlineMs} ms`), deadlineMs);
      const onExit = (code: number | null, signal: string | null): void =>
        fail(`it ended with ${signal ?? code}`);
      this.#child.on('exit', onExit);
      this.#waiting.set(id, ({ answer, error }) => {
        if (error === undefined) settle(() => resolve(answer));
        else fail(error);
      });
    });
  }
}

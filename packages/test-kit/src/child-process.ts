import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS } from './patience.js';
import { untilProcess } from './process-state.js';

const LOADER = import.meta.resolve('@bulletproof/tooling/typescript');
const KEPT_OUTPUT = 20_000;

/** A message of a child process: what `say` of its `Parent` sent. */
export type ChildMessage = Readonly<Record<string, unknown>> & { readonly say: string };

/** How a child process is started. */
export interface ChildOptions {
  /** Arguments of the program. Default none. */
  args?: readonly string[];
  /** Variables besides those of this process; undefined takes one away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Flags of Node, before the program. Default none. */
  nodeFlags?: readonly string[];
}

/** A Node process that a test may kill, and that says over its output where it is. */
export interface Child {
  readonly pid: number;
  /** False once it has ended. */
  readonly running: boolean;
  /** How it ended, when it has. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** What it has printed besides messages, stdout and stderr, the newest 20,000 characters. */
  readonly output: string;
  /**
   * The oldest message of that kind which no earlier call has taken, or the next one to come.
   * @throws Error when the process ends, or 10 s pass, without one.
   */
  message(say: string, predicate?: (message: ChildMessage) => boolean): Promise<ChildMessage>;
  /** Messages that no call of `message` has taken, oldest first. */
  pending(): readonly ChildMessage[];
  /** Sends a message to the child's `Parent`. */
  tell(say: string, data?: Readonly<Record<string, unknown>>): void;
  /** Sends a signal (default SIGKILL). SIGKILL resolves when it has ended, SIGSTOP when it stands still, others at once. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

interface Waiter {
  accepts(message: ChildMessage): boolean;
  resolve(message: ChildMessage): void;
  reject(error: Error): void;
}

/**
 * Starts a `.ts` or `.js` file in a Node process of its own; sources are compiled as Jest does it. The child's side is `connectParent`.
 * A child that calls it ends with this process at the latest.
 */
export function startChild(file: string | URL, options: ChildOptions = {}): Child {
  const program = file instanceof URL || file.startsWith('file:') ? fileURLToPath(file) : file;
  const { args = [], env = {}, nodeFlags = [] } = options;
  const child = spawn(process.execPath, ['--import', LOADER, ...nodeFlags, program, ...args], {
    env: environment(env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${process.execPath} could not be started.`);
  const inbox = new Inbox();
  let output = '';
  let running = true;
  const keep = (text: string) => {
    output = (output + text).slice(-KEPT_OUTPUT);
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = parse(line);
    if (message) inbox.add(message);
    else keep(`${line}\n`);
  });
  child.stderr.on('data', (bytes: Buffer) => keep(bytes.toString()));
  child.stdin.on('error', () => {}); // it may be dead by now, which `exited` tells
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', () => {
      running = false;
    });
    child.once('close', (code, signal) => {
      inbox.close(`The child ended with ${signal ?? code}. Its output:\n${output}`);
      resolve({ code, signal });
    });
  });
  return {
    pid,
    get running() {
      return running;
    },
    exited,
    get output() {
      return output;
    },
    message: (say, predicate = () => true) =>
      inbox.take(say, predicate, () => `The child printed:\n${output}`),
    pending: () => inbox.messages,
    tell(say, data = {}) {
      child.stdin.write(`${JSON.stringify({ ...data, say })}\n`);
    },
    kill: (signal = 'SIGKILL') => kill(child, signal, exited),
  };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals, exited: Promise<unknown>) {
  child.kill(signal);
  if (signal === 'SIGKILL') await exited;
  if (signal === 'SIGSTOP' && child.pid !== undefined) await untilProcess(child.pid, 'stopped');
}

function environment(changes: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...changes };
  // Jest's own flags are not for the child.
  delete env.NODE_OPTIONS;
  delete env.JEST_WORKER_ID;
  for (const [name, value] of Object.entries(changes)) if (value === undefined) delete env[name];
  return env;
}

function parse(line: string): ChildMessage | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is ChildMessage {
  return (
    typeof value === 'object' && value !== null && 'say' in value && typeof value.say === 'string'
  );
}

class Inbox {
  messages: ChildMessage[] = [];
  #waiters: Waiter[] = [];
  #closed: string | undefined;

  add(message: ChildMessage) {
    const waiter = this.#waiters.find((candidate) => candidate.accepts(message));
    if (waiter) waiter.resolve(message);
    else this.messages.push(message);
  }

  take(say: string, predicate: (message: ChildMessage) => boolean, context: () => string) {
    const accepts = (message: ChildMessage) => message.say === say && predicate(message);
    const known = this.messages.find(accepts);
    if (known) {
      this.messages = this.messages.filter((message) => message !== known);
      return Promise.resolve(known);
    }
    return new Promise<ChildMessage>((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(new Error(`No message ${say} is left. ${this.#closed}`));
        return;
      }
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        act();
      };
      const timer = setTimeout(() => {
        waiter.reject(new Error(`No message ${say} within ${PATIENCE_MS} ms. ${context()}`));
      }, PATIENCE_MS);
      const waiter: Waiter = {
        accepts,
        resolve: (message) => settle(() => resolve(message)),
        reject: (error) => settle(() => reject(error)),
      };
      this.#waiters.push(waiter);
    });
  }

  close(reason: string) {
    this.#closed = reason;
    for (const waiter of this.#waiters) waiter.reject(new Error(reason));
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { RunEnd } from './evidence.js';

const RunLine = z.discriminatedUnion('run', [
  z.object({ run: z.literal('began'), orderId: z.string() }),
  z.object({
    run: z.literal('ended'),
    orderId: z.string(),
    end: z.enum(['completed', 'failed', 'dead', 'snoozed', 'cancelled']),
    time: z.number(),
  }),
]);

const START_DEADLINE_MS = 30_000;
const FAREWELL_MS = 8_000;

/** How a process of the story is started. */
export interface ActorOptions {
  name: string;
  /** The compiled entry file. */
  entry: URL;
  env: Record<string, string>;
  /** Its output goes here, line by line. */
  logFile: string;
  /** Ends it while it is starting; it has done nothing yet. */
  signal: AbortSignal;
}

/** A process of the story: one that can be watched, asked to go, and killed. */
export class Actor {
  private readonly running = new Set<string>();
  private readonly ended: RunEnd[] = [];
  private readonly log: WriteStream;
  private readonly closed: Promise<void>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    logFile: string,
  ) {
    this.log = createWriteStream(logFile, { flags: 'a' });
    const lines = [child.stdout, child.stderr].flatMap((stream) =>
      stream === null ? [] : [createInterface({ input: stream })],
    );
    for (const reader of lines) reader.on('line', (line) => this.hear(line));
    const read = lines.map((reader) => new Promise((done) => reader.once('close', done)));
    const exited = new Promise((done) => child.once('exit', done));
    this.closed = Promise.all([exited, ...read]).then(() => {
      this.log.end();
    });
  }

  /** Starts the process and waits for its `ready`; gives what it said with it. */
  static async start(options: ActorOptions): Promise<{ actor: Actor; url: string }> {
    const { name, entry, env, logFile, signal } = options;
    signal.throwIfAborted();
    const child = fork(entry, {
      env: { ...process.env, ...env, PROCESS_NAME: name },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C goes to our process group; who handles it ends the others in their order.
      detached: true,
    });
    const actor = new Actor(name, child, logFile);
    const tooLate = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
    const giveUp = () => child.kill('SIGKILL');
    signal.addEventListener('abort', giveUp);
    try {
      return { actor, url: await readiness(child) };
    } catch (cause) {
      throw new Error(`${name} did not start; see ${logFile}.`, { cause });
    } finally {
      clearTimeout(tooLate);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Orders whose run has begun and not ended, by what the process wrote. */
  get ordersInFlight(): string[] {
    return [...this.running].sort();
  }

  /** Runs that have ended, by what the process wrote. */
  get runs(): readonly RunEnd[] {
    return this.ended;
  }

  /** `kill -9`; resolves when the process is gone and its last output was read. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }

  /** Asks the process to end, and makes it when it does not. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), FAREWELL_MS);
    await this.closed;
    clearTimeout(timer);
  }

  private hear(line: string): void {
    this.log.write(`${line}\n`);
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      return;
    }
    const { success, data } = RunLine.safeParse(json);
    if (!success) return;
    const { orderId } = data;
    if (data.run === 'began') {
      this.running.add(orderId);
    } else {
      this.running.delete(orderId);
      this.ended.push({ orderId, end: data.end, atMs: data.time });
    }
  }
}

/** What the process says when it works, or its early end. */
function readiness(child: ChildProcess): Promise<string> {
  return new Promise((ready, failed) => {
    child.once('message', (facts: { url?: string }) => ready(facts.url ?? ''));
    child.once('exit', (code, signal) => failed(new Error(`It ended with ${signal ?? code}.`)));
  });
}

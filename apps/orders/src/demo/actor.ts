import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const RunLine = z.object({ orderId: z.string(), run: z.enum(['began', 'ended']) });

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
}

/** A process of the story: one that can be watched, asked to go, and killed. */
export class Actor {
  private readonly running = new Set<string>();
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
    const { name, entry, env, logFile } = options;
    const child = fork(entry, {
      env: { ...process.env, ...env, PROCESS_NAME: name },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C goes to our process group; who handles it ends the others in their order.
      detached: true,
    });
    const actor = new Actor(name, child, logFile);
    const url = await new Promise<string>((ready, failed) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        failed(new Error(`${name} was not ready within ${START_DEADLINE_MS} ms; see ${logFile}.`));
      }, START_DEADLINE_MS);
      child.once('message', (facts: { url?: string }) => {
        clearTimeout(timer);
        ready(facts.url ?? '');
      });
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        failed(new Error(`${name} ended at its start (${signal ?? code}); see ${logFile}.`));
      });
    });
    return { actor, url };
  }

  /** Orders whose run has begun and not ended, by what the process wrote. */
  get ordersInFlight(): string[] {
    return [...this.running].sort();
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
    if (data.run === 'began') this.running.add(data.orderId);
    else this.running.delete(data.orderId);
  }
}

import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** Folder for CPU profiles; unset: none are made. */
const VARIABLE = 'BENCH_PROFILE_DIR';

let written = 0;

/** A CPU profile of what is measured, and of nothing else. */
export class Profile {
  readonly #folder: string;
  readonly #session = new Session();
  readonly #started: Promise<void>;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#session.connect();
    this.#started = this.#start();
  }

  /** Undefined unless the environment names a folder for it. */
  static start(): Profile | undefined {
    const folder = process.env[VARIABLE];
    return folder ? new Profile(folder) : undefined;
  }

  /** Ends the profile and writes it as `<side>-<number>.cpuprofile`. */
  async stop(): Promise<void> {
    await this.#started;
    const { profile } = await this.#session.post('Profiler.stop');
    this.#session.disconnect();
    written += 1;
    const name = `${process.argv[2] ?? 'side'}-${written}.cpuprofile`;
    await writeFile(join(this.#folder, name), JSON.stringify(profile));
  }

  async #start(): Promise<void> {
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.setSamplingInterval', { interval: 200 });
    await this.#session.post('Profiler.start');
  }
}

import { nowUs } from '../input.js';
import { Profile } from './profile.js';
import type { RedisUse, RedisWatch } from './redis-watch.js';

/** What was measured of one side in one round. */
export interface Sample {
  readonly jobs: number;
  readonly elapsedUs: number;
  /** Processor time of the measured process, µs. */
  readonly nodeCpuUs: number;
  /** What the server did meanwhile, for everybody who uses it. */
  readonly redis: RedisUse;
}

/** Measures time and processor time from when it is made to `stop`. */
export class Stopwatch {
  readonly #watch: RedisWatch;
  readonly #before: Promise<RedisUse>;
  readonly #profile = Profile.start();
  readonly #nodeCpu = process.cpuUsage();
  readonly #startedUs = nowUs();

  constructor(watch: RedisWatch) {
    this.#watch = watch;
    this.#before = watch.use();
  }

  async stop(jobs: number): Promise<Sample> {
    const elapsedUs = nowUs() - this.#startedUs;
    const { user, system } = process.cpuUsage(this.#nodeCpu);
    const [before, after] = [await this.#before, await this.#watch.use()];
    await this.#profile?.stop();
    return { jobs, elapsedUs, nodeCpuUs: user + system, redis: difference(after, before) };
  }
}

function difference(after: RedisUse, before: RedisUse): RedisUse {
  return {
    cpuUs: after.cpuUs - before.cpuUs,
    scripts: after.scripts - before.scripts,
    commands: after.commands - before.commands,
  };
}

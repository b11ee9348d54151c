import { nowUs } from '../input.js';
import { Profile } from './profile.js';
import type { RedisWatch } from './redis-watch.js';

/** What was measured of one side in one round. */
export interface Sample {
  readonly jobs: number;
  readonly elapsedUs: number;
  /** Processor time of the measured process, µs. */
  readonly nodeCpuUs: number;
  /** Processor time of the server, µs; of everybody who uses it. */
  readonly redisCpuUs: number;
}

/** Measures time and processor time from when it is made to `stop`. */
export class Stopwatch {
  readonly #watch: RedisWatch;
  readonly #redisCpu: Promise<number>;
  readonly #profile = Profile.start();
  readonly #nodeCpu = process.cpuUsage();
  readonly #startedUs = nowUs();

  constructor(watch: RedisWatch) {
    this.#watch = watch;
    this.#redisCpu = watch.cpuUs();
  }

  async stop(jobs: number): Promise<Sample> {
    const elapsedUs = nowUs() - this.#startedUs;
    const { user, system } = process.cpuUsage(this.#nodeCpu);
    const redisCpuUs = (await this.#watch.cpuUs()) - (await this.#redisCpu);
    await this.#profile?.stop();
    return { jobs, elapsedUs, nodeCpuUs: user + system, redisCpuUs };
  }
}

import { setTimeout as wait } from 'node:timers/promises';
import { inputOf, nowUs, RESULT } from '../input.js';
import type { Place, Side, Worker } from '../sides/side.js';
import { assertCount } from './assert-count.js';

/** One job at a time goes to a worker that has nothing else to do. */
export interface SendTask {
  readonly kind: 'send';
  readonly place: Place;
  readonly jobs: number;
  readonly gapMs: number;
}

/** A worker starts and takes the time from when a job was sent to when its handler starts. */
export interface ListenTask {
  readonly kind: 'listen';
  readonly place: Place;
  readonly concurrency: number;
}

/** The worker ends once that many have come. */
export interface HeardTask {
  readonly kind: 'heard';
  readonly jobs: number;
}

/** Sends jobs, the next one a while after the one before was in the queue. */
export async function send(side: Side, { place, jobs, gapMs }: SendTask): Promise<void> {
  const producer = await side.producer(place);
  for (let number = 0; number < jobs; number += 1) {
    await producer.add({ ...inputOf(number), sentAtUs: nowUs() });
    await wait(gapMs);
  }
  await producer.close();
}

/** A worker that listens. */
export class Listener {
  readonly #worker: Promise<Worker>;
  readonly #waitsUs: number[] = [];
  #heard = (): void => {};

  constructor(side: Side, { place, concurrency }: ListenTask) {
    this.#worker = side.worker(place, concurrency, ({ sentAtUs = 0 }) => {
      this.#waitsUs.push(nowUs() - sentAtUs);
      this.#heard();
      return RESULT;
    });
  }

  async ready(): Promise<void> {
    await this.#worker;
  }

  /** The waits of that many jobs, µs; ends the worker. */
  async waitsUs(count: number): Promise<readonly number[]> {
    await new Promise<void>((resolve) => {
      this.#heard = () => {
        if (this.#waitsUs.length >= count) resolve();
      };
      this.#heard();
    });
    await (await this.#worker).close();
    assertCount('jobs heard of', this.#waitsUs.length, count);
    return this.#waitsUs;
  }
}

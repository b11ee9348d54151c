import { Agent, get } from 'node:http';
import { CircuitBreaker, type CircuitBreakerOptions } from '@bulletproof/breaker';
import { nowUs } from './now.js';

/** A state of the fleet, and when a process heard of it. */
export interface Heard {
  readonly state: string;
  readonly epoch: number;
  readonly atUs: number;
}

/** How a caller calls. */
export interface CallerOptions {
  readonly url: string;
  readonly everyMs: number;
  readonly breaker: CircuitBreakerOptions;
  /** What comes before each call; part of it, with the error that it gives. */
  readonly before?: () => Promise<Error | undefined>;
  /** Hears how each call ended, and what it cost besides the action. */
  readonly ended?: (result: string, addedUs: number) => void;
}

interface Wish {
  readonly isMet: () => Heard | undefined;
  readonly resolve: (heard: Heard) => void;
}

/** Calls the dependency at a steady pace, answered or not, through a breaker that it shares with its fleet. */
export class FleetCaller {
  readonly heard: Heard[] = [];
  readonly breaker: CircuitBreaker<[spent: { us: number }], void>;
  readonly #options: CallerOptions;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #wishes = new Set<Wish>();

  constructor(options: CallerOptions) {
    this.#options = options;
    this.breaker = new CircuitBreaker((spent: { us: number }) => this.#call(spent), {
      name: 'dependency',
      ...options.breaker,
    });
    this.breaker.on('fleetState', ({ state, epoch }) => {
      this.heard.push({ state, epoch, atUs: nowUs() });
      for (const wish of this.#wishes) {
        const met = wish.isMet();
        if (met && this.#wishes.delete(wish)) wish.resolve(met);
      }
    });
    setInterval(() => void this.#fire(), options.everyMs);
  }

  /** Resolves when the fleet decides. */
  async joined(): Promise<void> {
    if (this.breaker.snapshot().store === 'up') return;
    await new Promise<void>((resolve) => this.breaker.once('storeUp', () => resolve()));
  }

  /** Resolves when this process decides alone. */
  async parted(): Promise<void> {
    if (this.breaker.snapshot().store === 'down') return;
    await new Promise<void>((resolve) => this.breaker.once('storeDown', () => resolve()));
  }

  /** Resolves when this process acts on that state, whoever decided it. */
  async acts(state: 'opened' | 'closed'): Promise<void> {
    if (this.breaker[state]) return;
    const event = state === 'opened' ? 'open' : 'close';
    await new Promise<void>((resolve) => this.breaker.once(event, () => resolve()));
  }

  /** The `nth` time that it heard of that state, of those with a later epoch; waits until then. */
  until(state: string, after: number, nth = 1): Promise<Heard> {
    const isMet = (): Heard | undefined =>
      this.heard.filter((each) => each.state === state && each.epoch > after)[nth - 1];
    const met = isMet();
    if (met) return Promise.resolve(met);
    return new Promise((resolve) => this.#wishes.add({ isMet, resolve }));
  }

  async #fire(): Promise<void> {
    const { before, ended } = this.#options;
    const spent = { us: 0 };
    const startedUs = nowUs();
    let result = 'fine';
    try {
      const refused = await before?.();
      await this.breaker.fire(spent);
      if (refused) throw refused;
    } catch (error) {
      result = error instanceof Error ? nameOf(error) : String(error);
    }
    ended?.(result, nowUs() - startedUs - spent.us);
  }

  async #call(spent: { us: number }): Promise<void> {
    const sentUs = nowUs();
    const { state, epoch } = this.heard.at(-1) ?? { state: 'closed', epoch: 0 };
    const call = new URLSearchParams({
      state,
      epoch: String(epoch),
      pid: String(process.pid),
      sentUs: String(sentUs),
    });
    try {
      await new Promise<void>((resolve, reject) => {
        get(`${this.#options.url}/?${call.toString()}`, { agent: this.#agent }, (response) => {
          response.resume().once('end', resolve).once('error', reject);
        }).once('error', reject);
      });
    } finally {
      spent.us = nowUs() - sentUs;
    }
  }
}

/** opossum's and Node's errors have a code. */
function nameOf(error: Error & { code?: string }): string {
  return error.code ?? `${error.name}: ${error.message}`;
}

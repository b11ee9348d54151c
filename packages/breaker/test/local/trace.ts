import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import type { CircuitBreakerOptions, ExportedState, Stats, Status } from '../../src/index.js';

/** What plain opossum and our class have in common. */
export interface AnyBreaker {
  readonly constructor: {
    isOurError(error: unknown): boolean;
    newStatus(options: object): object;
  };
  readonly options: Record<string, unknown> & { cacheGetKey(...args: unknown[]): string };
  readonly name: string;
  readonly group: string;
  readonly volumeThreshold: number;
  readonly stats: Stats;
  readonly status: Status;
  readonly closed: boolean;
  readonly opened: boolean;
  readonly halfOpen: boolean;
  readonly pendingClose: boolean;
  readonly isShutdown: boolean;
  readonly enabled: boolean;
  readonly warmUp: boolean;
  emit(event: string, ...args: unknown[]): boolean;
  fire(...args: unknown[]): Promise<unknown>;
  call(context: unknown, ...args: unknown[]): Promise<unknown>;
  fallback(action: unknown): AnyBreaker;
  healthCheck(...args: unknown[]): void;
  open(): void;
  close(): void;
  enable(): void;
  disable(): void;
  shutdown(): void;
  clearCache(): void;
  getSignal(): AbortSignal;
  getAbortController(): AbortController;
  toJSON(): { state: ExportedState; status: Stats };
}

/** Makes a breaker of one of the two classes. */
export type Make = (action: unknown, options?: object) => AnyBreaker;

/** Everything that can be seen of a breaker, in order. */
export class Trace {
  readonly lines: string[] = [];

  /** Records each event of a breaker with its arguments. */
  watch(breaker: AnyBreaker): AnyBreaker {
    const emit = breaker.emit.bind(breaker);
    breaker.emit = (event: string, ...args: unknown[]) => {
      this.say(`${event}(${args.map(textOf).join(', ')}) ${viewOf(breaker)}`);
      return emit(event, ...args);
    };
    return breaker;
  }

  say(line: string): void {
    this.lines.push(line);
  }

  /** Awaits a call; what the breaker shows is looked at in the first moment after it. */
  async call(breaker: AnyBreaker, promise: Promise<unknown>): Promise<void> {
    await promise.then(
      (value) => this.say(`resolved ${textOf(value)} ${viewOf(breaker)}`),
      (error: unknown) =>
        this.say(
          `rejected ${textOf(error)} ours:${breaker.constructor.isOurError(error)} ${viewOf(breaker)}`,
        ),
    );
  }
}

function viewOf({
  closed,
  opened,
  halfOpen,
  pendingClose,
  isShutdown,
  enabled,
  warmUp,
}: AnyBreaker) {
  const flags = { closed, opened, halfOpen, pendingClose, isShutdown, enabled, warmUp };
  return `[${Object.entries(flags)
    .filter(([, is]) => is)
    .map(([name]) => name)
    .join(' ')}]`;
}

function textOf(value: unknown): string {
  if (value instanceof Error) {
    const { code, message } = value as { code?: string; message: string };
    return `Error(${code ?? ''} ${message})`;
  }
  return typeof value === 'function' ? 'function' : (JSON.stringify(value) ?? String(value));
}

/** Lets time pass. */
export const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms).then(() => {});

/** One thing to do with a breaker of either class. */
export interface Scenario {
  readonly title: string;
  play(make: Make, trace: Trace): Promise<void>;
}

/** An emitter for `rotateBucketController`. */
export const rotator = (): EventEmitter => new EventEmitter();

/** Options as both classes take them. */
export type Options = CircuitBreakerOptions;

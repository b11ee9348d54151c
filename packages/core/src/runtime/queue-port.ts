import type { Delivery } from './delivery.js';

/** What the queue system knows of one delivery. */
export interface DeliveryView {
  readonly state: 'waiting' | 'delayed' | 'running' | 'completed' | 'failed';
  /** Attempts that ended; the one that runs is not among them. */
  readonly attemptsMade: number;
  readonly maxAttempts: number;
  readonly progress: unknown;
  /** The handler's result, when it completed. */
  readonly result: unknown;
  readonly failedReason: string | undefined;
  readonly enqueuedAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  readonly delivery: Delivery;
}

/** Whether the queue still knows a delivery, and whether it ended there. */
export type Presence = 'missing' | 'open' | 'completed' | 'failed';

/** What is known of one queue: how many deliveries are in which state. */
export interface QueueStatus {
  readonly name: string;
  readonly paused: boolean;
  readonly waiting: number;
  readonly delayed: number;
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
}

/** The queue operations that producers and handles need, in our words. */
export interface QueuePort {
  /** Adds a delivery; adding the same one again adds nothing. */
  add(delivery: Delivery): Promise<void>;
  /** Adds many deliveries of one queue; each slot holds an error or undefined. */
  addMany(queue: string, deliveries: readonly Delivery[]): Promise<(Error | undefined)[]>;
  /** Looks a delivery up; undefined when the queue does not know it. */
  find(queue: string, deliveryId: string): Promise<DeliveryView | undefined>;
  /** Tells of each delivery whether the queue knows it, at the cost of one cheap read each. */
  presence(queue: string, deliveryIds: readonly string[]): Promise<Presence[]>;
  /** Takes a delivery out, unless it runs; adding it again, as a producer may that stood still, adds nothing. */
  withdraw(queue: string, deliveryId: string): Promise<'withdrawn' | 'running' | 'missing'>;
  status(queue: string): Promise<QueueStatus>;
  /** How long the longest waiting delivery has waited, ms; undefined when none waits. */
  oldestWaiting(queue: string): Promise<number | undefined>;
  pause(queue: string): Promise<void>;
  resume(queue: string): Promise<void>;
  /** Resolves when something final was announced for this delivery, or when the signal aborts. */
  settled(queue: string, deliveryId: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A delivery that a worker has fetched, with what the wrapper may do to it. */
export interface FetchedDelivery {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly delivery: Delivery;
  /** How often it was started, this time included; grows on every activation. */
  readonly starts: number;
  /** How many of those starts met no handler and parked it. */
  readonly parks: number;
  readonly attemptsMade: number;
  readonly maxAttempts: number;
  /** How often a worker lost it without a word: a crash, or an event loop that stood still. */
  readonly stalls: number;
  /** When the worker asked for it, on the worker's own clock (epoch ms). */
  readonly fetchedAtMs: number;
  progress(value: unknown): Promise<void>;
}

/** How a run ends, as the queue must be told. */
export type Outcome =
  | { readonly kind: 'completed'; readonly value: unknown }
  /** The attempt failed; another follows after the delay. */
  | { readonly kind: 'retry'; readonly error: Error; readonly delayMs: number }
  /** No attempt follows. */
  | { readonly kind: 'dead'; readonly error: Error }
  /** Parked: goes on later, no attempt consumed. */
  | {
      readonly kind: 'later';
      readonly delayMs: number;
      /** Done when it is parked: what it waits for may have come meanwhile. */
      readonly afterwards?: () => Promise<void>;
    }
  /** Parked without having run at all. */
  | { readonly kind: 'parked'; readonly delayMs: number }
  /** Handed back: goes on at once elsewhere, no attempt consumed. */
  | { readonly kind: 'again' }
  /** No longer ours: the queue is told nothing. */
  | { readonly kind: 'gone' };

/** Runs one fetched delivery to an outcome; never throws. */
export type Execute = (fetched: FetchedDelivery) => Promise<Outcome>;

/** One queue's worker, in our words. */
export interface QueueWorkerPort {
  readonly queue: string;
  /** Resolves once it is connected and fetches. */
  ready(): Promise<void>;
  /**
   * Renews the locks of runs; returns the ids it could not renew.
   * `token` is the lock's, not a fencing token.
   */
  extendLocks(runs: readonly { readonly id: string; readonly lock: string }[]): Promise<string[]>;
  /** Stops fetching; resolves when every outcome so far has been told to the queue. */
  close(): Promise<void>;
}

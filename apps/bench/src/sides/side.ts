import type { Input } from '../input.js';

/** Which of the two is measured. */
export type SideName = 'ours' | 'bare';

/** What a process plays: one of the two, or ours with an outbox. */
export type ActorSide = SideName | 'outbox';

/** Where a measurement happens: a server, and a prefix that only this measurement uses. */
export interface Place {
  readonly redisUrl: string;
  /** Where the outbox lies, for scenarios that have one. */
  readonly databaseUrl?: string | undefined;
  readonly prefix: string;
  /** Calls carry an idempotency key. Bare BullMQ has none: there it changes nothing. */
  readonly keyed: boolean;
}

/** Enqueues, as an application would with one side or the other. */
export interface Producer {
  add(input: Input): Promise<unknown>;
  /** All of them, in the way that this side offers for many. */
  addMany(inputs: Iterable<Input>): Promise<void>;
  close(): Promise<void>;
}

/** A worker at work. */
export interface Worker {
  close(): Promise<void>;
}

/** One of the two things that are compared. */
export interface Side {
  producer(place: Place): Promise<Producer>;
  /** Resolves when it fetches. */
  worker(place: Place, concurrency: number, run: (input: Input) => unknown): Promise<Worker>;
}

/** Name of the one queue that both use. */
export const QUEUE = 'default';

/** Name of the one job that both run. */
export const JOB = 'send-mail';

/** How long both keep results, s. */
export const KEEP_S = 3_600;

/** How both treat a job that fails; none does, but both carry it along. */
export const RETRIES = { attempts: 5, delayMs: 1_000 } as const;

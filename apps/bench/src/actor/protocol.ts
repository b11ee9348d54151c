import type { DrainTask } from '../work/drain.js';
import type { EnqueueTask } from '../work/enqueue.js';
import type { FireTask } from '../work/fire.js';
import type { HeardTask, ListenTask, SendTask } from '../work/pickup.js';
import type { RelayTask } from '../work/relay.js';
import type { Sample } from '../work/stopwatch.js';

/** What an actor can be asked to do, one at a time. */
export type Task =
  | DrainTask
  | EnqueueTask
  | FireTask
  | RelayTask
  | SendTask
  | ListenTask
  | HeardTask;

/** What comes back when it is done. */
export interface Answers {
  readonly drain: Sample;
  readonly enqueue: Sample;
  readonly fire: Sample;
  readonly relay: Sample;
  readonly send: null;
  readonly listen: null;
  /** The waits of all jobs, µs. */
  readonly heard: readonly number[];
}

/** An actor's answer on the wire. */
export type Reply = { readonly answer: Answers[Task['kind']] } | { readonly error: string };

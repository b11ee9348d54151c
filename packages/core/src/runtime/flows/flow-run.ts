import { setMaxListeners } from 'node:events';
import {
  type Clock,
  checkOptions,
  isBulletproofError,
  reviveError,
  rule,
} from '@bulletproof/kernel';
import { FlowFailedError, UnknownFlowError } from '../../flow/errors.js';
import type { FlowView, TaskLabel } from '../../flow/internal.js';
import { callIdToBullId } from '../../job/internal.js';
import { AppClosedError, ResultTimeoutError } from '../errors.js';
import { RESULT_RULES, type ResultOptions } from '../handle.js';
import type { QueuePort } from '../queue-port.js';
import type { FlowDesk } from './flow-desk.js';
import { type FlowStatus, hasEnded, statusOfFlow } from './flow-status.js';
import { taskCallId } from './task-id.js';

/** How often a waiting handle looks on its own. */
const LOOK_EVERY_MS = 500;
/** How often a watching one looks. */
const WATCH_EVERY_MS = 250;
/** The ends of a flow whose announcements are listened to. */
const LISTENED = 20;

const reasonRule = rule.text({ maxLength: 1_000 });

/** What a handle of a flow works with. */
export interface FlowRunParts {
  readonly desk: FlowDesk;
  readonly queues: Pick<QueuePort, 'settled'>;
  readonly clock: Clock;
  /** Aborted when the app closes. */
  readonly closing: AbortSignal;
}

/** A flow that was started, from whichever process. */
export class FlowRun<Results = Record<string, unknown>> {
  readonly id: string;
  /** True when a flow of this id was already known and this start began nothing. */
  readonly deduplicated: boolean;
  readonly #parts: FlowRunParts;

  constructor(parts: FlowRunParts, flow: { readonly id: string; readonly deduplicated: boolean }) {
    this.#parts = parts;
    this.id = flow.id;
    this.deduplicated = flow.deduplicated;
  }

  /**
   * Where the flow and its nodes stand now.
   * @throws UnknownFlowError (`UNKNOWN_FLOW`) when nothing is known of it
   */
  async status(): Promise<FlowStatus<Results>> {
    return statusOfFlow(this.id, await this.#view()) as FlowStatus<Results>;
  }

  /**
   * Waits for the end of the flow and answers the results of its nodes by name.
   * @throws FlowFailedError (`FLOW_FAILED`) when it did not complete, with the first dead node's error as `cause`
   * @throws UnknownFlowError (`UNKNOWN_FLOW`), ResultTimeoutError (`RESULT_TIMEOUT`)
   */
  async result(options: ResultOptions = {}): Promise<Results> {
    const { clock, closing } = this.#parts;
    const { timeout: timeoutMs, signal } = checkOptions('result', options, RESULT_RULES);
    const endsAt = timeoutMs === undefined ? Infinity : clock.monotonicMs() + timeoutMs;
    let ends: readonly TaskLabel[] = [];
    for (;;) {
      signal?.throwIfAborted();
      if (closing.aborted) throw new AppClosedError('result()');
      const look = new AbortController();
      setMaxListeners(0, look.signal);
      // Listening begins before the look: what ends in between is announced to a listener.
      const settled = ends.map((end) => this.#listen(end, look.signal));
      try {
        const view = await this.#viewOrWait();
        if (view && hasEnded(view.state)) return this.#outcome(view);
        const leftMs = endsAt - clock.monotonicMs();
        if (leftMs <= 0) throw new ResultTimeoutError(this.id, timeoutMs ?? 0);
        if (view && ends.length === 0) {
          // What ended while nobody listened is seen by the next look.
          ends = endsOf(view);
          continue;
        }
        await this.#wait(settled, Math.min(leftMs, LOOK_EVERY_MS), signal);
      } finally {
        look.abort();
      }
    }
  }

  /**
   * Cancels the flow if it has not ended: nodes that have not begun never will, runs at work get their signal, and what
   * has succeeded is undone. True when it is cancelled; false when it was ending already.
   * @param reason 1 to 1,000 characters
   * @throws UnknownFlowError (`UNKNOWN_FLOW`)
   */
  async cancel(reason = 'cancelled'): Promise<boolean> {
    return this.#parts.desk.cancel(this.id, reasonRule(reason, 'cancel reason'));
  }

  /**
   * Runs the nodes again that did not succeed, were skipped, cancelled or undone.
   * @throws FlowNotRetriableError (`FLOW_NOT_RETRIABLE`) unless it ended without success
   * @throws UnknownFlowError (`UNKNOWN_FLOW`)
   */
  async retry(): Promise<void> {
    await this.#parts.desk.retry(this.id);
  }

  /** Its statuses as they change, the last one of the flow that has ended. */
  async *watch(): AsyncGenerator<FlowStatus<Results>, void, undefined> {
    const { clock, closing } = this.#parts;
    for (let last = ''; ; ) {
      if (closing.aborted) throw new AppClosedError('watch()');
      const status = await this.status();
      const text = JSON.stringify(status);
      if (text !== last) yield status;
      last = text;
      if (hasEnded(status.state)) return;
      await clock.sleep(WATCH_EVERY_MS);
    }
  }

  async #view(): Promise<FlowView> {
    const view = await this.#parts.desk.inspect(this.id);
    if (!view) throw new UnknownFlowError(this.id);
    return view;
  }

  /** While Redis is away there is nothing to see: the waiting goes on. */
  async #viewOrWait(): Promise<FlowView | undefined> {
    try {
      return await this.#view();
    } catch (error) {
      if (isBulletproofError(error, 'REDIS_UNAVAILABLE')) return undefined;
      throw error;
    }
  }

  #listen(end: TaskLabel, signal: AbortSignal): Promise<void> {
    const bullId = callIdToBullId(taskCallId(this.id, end, 1));
    return this.#parts.queues.settled(end.queue, bullId, signal);
  }

  async #wait(
    settled: readonly Promise<void>[],
    ms: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock, closing } = this.#parts;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(ms, done);
      function done(): void {
        timer.cancel();
        signal?.removeEventListener('abort', done);
        closing.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done);
      closing.addEventListener('abort', done);
      // A hint that fails is no hint; the next look decides.
      for (const hint of settled) hint.finally(done).catch(() => {});
    });
  }

  #outcome(view: FlowView): Results {
    const { nodes, state } = statusOfFlow(this.id, view);
    const entries = Object.entries(nodes);
    if (state === 'completed') {
      return Object.fromEntries(entries.map(([name, { result }]) => [name, result])) as Results;
    }
    const dead = entries.filter(([, node]) => node.state === 'dead');
    const [error] = dead.flatMap((entry) => entry[1].error ?? []);
    throw new FlowFailedError(
      this.id,
      state as FlowFailedError['state'],
      dead.map(([name]) => name),
      error === undefined ? {} : { cause: reviveError(error) },
    );
  }
}

/** The nodes that nobody depends on: one of them is the last. */
function endsOf(view: FlowView): TaskLabel[] {
  const labels = (JSON.parse(view.labels) as readonly TaskLabel[]).slice(0, view.nodes);
  const needed = new Set(labels.flatMap(({ after = [] }) => after));
  return labels.filter((_, at) => !needed.has(at)).slice(0, LISTENED);
}

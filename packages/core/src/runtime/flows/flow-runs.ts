import { type SerializedError, serializeError, type TypedEmitter } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import { NodeSkippedError, UnknownFlowError } from '../../flow/errors.js';
import type { FlowEvents } from '../../flow/events.js';
import type { TaskLabel, TaskRole } from '../../flow/internal.js';
import type {
  BeginReply,
  FlowState,
  FlowStore,
  SettleReply,
  TaskOutcome,
  TaskRun,
  Wake,
} from '../../flow/store.js';
import type { RecordStore } from '../../idempotency/store.js';
import { IdempotencyConflictError, JobCancelledError } from '../../job/run-errors.js';
import { PARKED_MS } from '../bullmq/flows.js';
import type { Delivery, FlowPlace } from '../delivery.js';
import type { Outcome } from '../queue-port.js';
import type { Run } from '../run.js';
import type { Grants } from './grants.js';
import { toTaskDelivery } from './task-delivery.js';
import type { Waker } from './waker.js';

/** How often a node looks whether another call of its key has ended. */
const LOOK_FOR_OTHER_MS = 1_000;
const HELD_KEY = ['waiting', 'running', 'snoozed'];

/** What runs of flows work with. */
export interface FlowRunsParts {
  readonly flows: FlowStore;
  readonly records: RecordStore;
  readonly waker: Waker;
  readonly grants: Grants;
  readonly events: TypedEmitter<FlowEvents>;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly keepDeadForMs: number;
  /** Writes again and again while Redis cannot take it. */
  readonly persist: <T>(run: Run, write: () => Promise<T>) => Promise<T>;
}

/** Whether a run may begin; `ask`: the call's record may know of earlier runs. */
export type Begun = { readonly ask: boolean } | { readonly outcome: Outcome };

/** The part of a run that its flow has: every start asks the flow's record, and every end is recorded there. */
export class FlowRuns {
  readonly #parts: FlowRunsParts;

  constructor(parts: FlowRunsParts) {
    this.#parts = parts;
  }

  async begin(run: Run, place: FlowPlace): Promise<Begun> {
    const { flows, persist, grants } = this.#parts;
    const isKeyed = run.fetched.delivery.idempotencyKey !== undefined;
    const isPlain = !isKeyed && place.round === 1;
    if (isPlain && grants.take(taskRun(run, place), run.ref.id)) return { ask: false };
    const reply = await persist(run, () => flows.begin(taskRun(run, place)));
    if (reply.tag !== 'claimed') return { outcome: await this.#refused(run, place, reply) };
    if (!isPlain) return this.#admit(run, place);
    return { ask: reply.again || run.fetched.starts > 1 };
  }

  /** Tells the flow how a run has ended, and then the queue. */
  async end(run: Run, place: FlowPlace, outcome: Outcome): Promise<Outcome> {
    if (outcome.kind === 'completed') {
      if (place.role === 'undo') await this.#freeKey(run, place);
      return this.#settle(run, place, { kind: 'done', ...json(outcome.value) }, outcome);
    }
    if (outcome.kind !== 'dead') return outcome;
    if (outcome.error instanceof JobCancelledError) {
      await this.#giveRecordBack(run, outcome.error.reason ?? 'cancelled');
      return this.#settle(run, place, { kind: 'cancelled' }, outcome);
    }
    await this.#pointTo(run);
    const value = JSON.stringify(serializeError(outcome.error) satisfies SerializedError);
    return this.#settle(run, place, { kind: 'dead', value }, outcome);
  }

  async #settle(run: Run, place: FlowPlace, how: TaskOutcome, outcome: Outcome): Promise<Outcome> {
    const { flows, persist, logger } = this.#parts;
    const reply = await persist(run, () => flows.settle(taskRun(run, place), how));
    if (reply.tag === 'settled') {
      await this.#follow(run, place, reply);
      return outcome;
    }
    const { id: callId } = run.ref;
    logger.warn(
      { callId, flow: place.id, node: place.node, reply: reply.tag },
      'a flow refused the end of a run',
    );
    return reply.tag === 'lost'
      ? { kind: 'gone' }
      : { kind: 'dead', error: new UnknownFlowError(place.id) };
  }

  async #follow(
    run: Run,
    place: FlowPlace,
    { state, wake, granted }: Extract<SettleReply, { tag: 'settled' }>,
  ): Promise<void> {
    this.#parts.grants.add(place.id, granted);
    await this.#wake(run, place, wake);
    const isCallback = place.role !== 'node' && place.role !== 'undo';
    if (!isCallback && isFinal(state)) this.#parts.events.emit(`flow.${state}`, { flow: place.id });
  }

  async #wake(run: Run, { id }: FlowPlace, wake: Wake): Promise<void> {
    const { persist, waker } = this.#parts;
    if (wake.length > 0) await persist(run, () => waker.wake(id, wake));
  }

  async #refused(
    run: Run,
    place: FlowPlace,
    reply: Exclude<BeginReply, { tag: 'claimed' }>,
  ): Promise<Outcome> {
    const { name } = run.fetched;
    switch (reply.tag) {
      case 'waiting':
        return { kind: 'later', delayMs: PARKED_MS, afterwards: () => this.#lookAgain(run, place) };
      case 'done':
        await this.#wake(run, place, reply.wake);
        return { kind: 'completed', value: parsed(reply.result) };
      case 'dead':
        await this.#wake(run, place, reply.wake);
        return { kind: 'dead', error: run.lost() };
      case 'skipped':
        return { kind: 'dead', error: new NodeSkippedError(place.id, place.node) };
      case 'cancelled':
        await this.#giveRecordBack(run, reply.reason);
        await this.#wake(run, place, reply.wake);
        return { kind: 'dead', error: new JobCancelledError(name, run.ref.id, reply.reason) };
      case 'superseded':
        return { kind: 'dead', error: run.lost() };
      case 'unknown':
        return { kind: 'dead', error: new UnknownFlowError(place.id) };
    }
  }

  /** What it waits for may have ended between its question and its parking: nobody could wake it then. */
  async #lookAgain(run: Run, place: FlowPlace): Promise<void> {
    const { flows, waker, persist } = this.#parts;
    await persist(run, async () => {
      const { tasks } = (await flows.inspect(place.id, true)) ?? { tasks: [] };
      const state = tasks[place.task]?.state;
      if (state === undefined || state === 'waiting') return;
      await waker.wake(place.id, await flows.deliveries(place.id, [place.task]));
    });
  }

  /** The key's record, or that of the rounds before, lets this call in, or says who has it. */
  async #admit(run: Run, place: FlowPlace): Promise<Begun> {
    const { records, persist } = this.#parts;
    const { address, id, digest, queue } = run.ref;
    const request = { address, id, digest, queue, envelope: '' };
    const reply = await persist(run, () => records.admit(request));
    if (reply.tag === 'admitted' || (reply.tag === 'known' && reply.id === id)) {
      const { generation, token } = reply;
      run.admitted({ generation, token });
      if (reply.tag === 'known' || reply.undone > 0) await this.#freeUndo(run, place);
      return { ask: true };
    }
    const { idempotencyKey = '' } = run.fetched.delivery;
    if (reply.tag === 'conflict') {
      const error = new IdempotencyConflictError(run.fetched.name, idempotencyKey, reply.id);
      return { outcome: await this.end(run, place, { kind: 'dead', error }) };
    }
    if (HELD_KEY.includes(reply.state)) {
      return { outcome: { kind: 'later', delayMs: LOOK_FOR_OTHER_MS } };
    }
    const held = await persist(run, () => records.inspect(address, reply.id));
    const result = held.tag === 'found' ? held.result : undefined;
    const value = result === undefined ? {} : { value: result };
    const outcome: Outcome = { kind: 'completed', value: parsed(result) };
    return { outcome: await this.#settle(run, place, { kind: 'taken', ...value }, outcome) };
  }

  /** What was undone is done anew by the next call of its key. */
  async #freeKey(run: Run, place: FlowPlace): Promise<void> {
    const { records, persist, keepDeadForMs } = this.#parts;
    await persist(run, async () => {
      const node = await this.#named(place, 'node');
      if (node?.address) await records.undo(node.address, node.id, keepDeadForMs);
    });
  }

  /** What is done anew can be undone anew: the key of its undo call, which has served, is free again. */
  async #freeUndo(run: Run, place: FlowPlace): Promise<void> {
    if (place.role !== 'node') return;
    await this.#parts.persist(run, async () => {
      const undo = await this.#named(place, 'undo');
      if (!undo?.address) return;
      const { records, keepDeadForMs } = this.#parts;
      const held = await records.inspect(undo.address, '');
      if (held.tag === 'found') await records.undo(undo.address, held.id, keepDeadForMs);
    });
  }

  /** The task of a role that belongs to the same node. */
  async #named({ id, node }: FlowPlace, wanted: TaskRole): Promise<Delivery | undefined> {
    const { flows } = this.#parts;
    const labels = JSON.parse((await flows.inspect(id, true))?.labels ?? '[]') as TaskLabel[];
    const at = labels.findIndex(({ role, name }) => role === wanted && name === node);
    const [task] = at < 0 ? [] : await flows.deliveries(id, [at]);
    return task && toTaskDelivery(id, task);
  }

  /** The dead set finds a call by its id; its record may lie under its key, or under that of its first round. */
  async #pointTo(run: Run): Promise<void> {
    const { records, persist, keepDeadForMs } = this.#parts;
    const { address, id } = run.ref;
    if (address.kind === 'call' && address.name === id) return;
    await persist(run, () => records.point(id, address, keepDeadForMs));
  }

  /** A cancelled node has not done its effect: another call of its key, or its own next round, may. */
  async #giveRecordBack(run: Run, reason: string): Promise<void> {
    const { records, persist, leaseMs, keepDeadForMs } = this.#parts;
    const { address, id, queue } = run.ref;
    const request = { address, id, queue, reason, create: false, idle: true, leaseMs };
    await persist(run, () => records.cancel({ ...request, keepMs: keepDeadForMs }));
  }
}

function taskRun(run: Run, { id, task }: FlowPlace): TaskRun {
  const { starts, attemptsMade, delivery } = run.fetched;
  const { generation } = delivery;
  return { flow: id, task, generation, start: starts, attempt: attemptsMade + 1 };
}

function json(value: unknown): { readonly value?: string } {
  return value === undefined ? {} : { value: JSON.stringify(value) };
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

function isFinal(state: FlowState): state is Exclude<FlowState, 'running' | 'compensating'> {
  return state !== 'running' && state !== 'compensating';
}

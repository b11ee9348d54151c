import { serializeError, type TypedEmitter } from '@bulletproof/kernel';
import type { Logger } from 'pino';
import type { FlowEvents } from '../../flow/events.js';
import type { FlowStore, FlowView, TaskLabel, TaskView } from '../../flow/internal.js';
import type { TaskOutcome } from '../../flow/store.js';
import { DeliveryDiedError } from '../../job/run-errors.js';
import type { Delivery } from '../delivery.js';
import type { DoctorRepair, DoctorTally } from '../doctor/report.js';
import { deliveryId } from '../identity.js';
import type { QueuePort } from '../queue-port.js';
import type { FlowDesk } from './flow-desk.js';
import type { FlowPort } from './flow-port.js';
import { toTaskDelivery } from './task-delivery.js';
import type { Waker } from './waker.js';

/** What the doctor of flows works with. */
export interface FlowDoctorParts {
  readonly store: FlowStore;
  readonly port: FlowPort;
  readonly queues: Pick<QueuePort, 'find'>;
  readonly desk: FlowDesk;
  readonly waker: Waker;
  readonly events: TypedEmitter<FlowEvents>;
  readonly logger: Logger;
  readonly leaseMs: number;
}

type Mended = DoctorRepair['done'] | 'held' | undefined;

/** Compares flows with BullMQ's jobs, and brings those to their end that would not reach it by themselves. */
export class FlowDoctor {
  readonly #parts: FlowDoctorParts;

  constructor(parts: FlowDoctorParts) {
    this.#parts = parts;
  }

  /** Looks once at every flow that was started at or before `beforeMs` (epoch ms) and has something left to do. */
  async pass(beforeMs: number, tally: DoctorTally, signal?: AbortSignal): Promise<void> {
    for await (const page of this.#parts.store.survey(beforeMs)) {
      for (const id of page) {
        signal?.throwIfAborted();
        await this.#flow(id, tally);
      }
    }
  }

  async #flow(id: string, tally: DoctorTally): Promise<void> {
    const { store, desk } = this.#parts;
    const view = await store.inspect(id, true);
    if (!view) return;
    if (view.untouched) {
      // Its producer may have died before the insertion; what is there already is not added again.
      const nodes = [...view.tasks.keys()].slice(0, view.nodes);
      const open = nodes.filter((at) => isPending(view.tasks[at]));
      await desk.insert(id, await store.deliveries(id, open));
    }
    for (const [at, task] of view.tasks.entries()) {
      if (task.state === 'ready' || task.state === 'begun') await this.#task(id, view, at, tally);
    }
  }

  async #task(id: string, view: FlowView, at: number, tally: DoctorTally): Promise<void> {
    const { store, port, waker, logger } = this.#parts;
    const wake = await store.deliveries(id, [at]);
    const [planned] = wake;
    const task = view.tasks[at];
    if (!planned || !task || planned.generation !== task.generation) return;
    tally.looked += 1;
    const delivery = toTaskDelivery(id, planned);
    const state = await port.state(delivery);
    const isAsleep = task.state === 'ready' && (state === 'parked' || at >= view.nodes);
    if (isAsleep) await waker.wake(id, wake);
    if (state === 'open' || isAsleep || state === 'parked') return;
    const found = state === 'ended' ? await this.#endOf(delivery) : 'missing';
    const done = await this.#mend({ id, view, at, delivery, found });
    if (done === 'held') tally.held += 1;
    if (done === 'held' || done === undefined) return;
    const repair = { id: delivery.id, queue: delivery.queue, found, done };
    logger.warn({ flow: id, node: delivery.flow?.node, ...repair }, 'the doctor mended a flow');
    tally.repaired(repair);
  }

  async #endOf(delivery: Delivery): Promise<'missing' | 'failed' | 'completed'> {
    const view = await this.#parts.queues.find(delivery.queue, deliveryId(delivery));
    return view?.state === 'failed' || view?.state === 'completed' ? view.state : 'missing';
  }

  async #mend(about: {
    readonly id: string;
    readonly view: FlowView;
    readonly at: number;
    readonly delivery: Delivery;
    readonly found: DoctorRepair['found'];
  }): Promise<Mended> {
    const { store, port } = this.#parts;
    const { id, view, at, delivery, found } = about;
    const { generation } = delivery;
    if (found !== 'missing') return this.#settle(id, view.tasks[at] as TaskView, delivery);
    // One that stands behind its children waits for the queue to hear of their end, unless they are gone.
    if (await this.#isBehindSomebody(id, view, at)) return undefined;
    // Whoever runs it lost its lock with its job, and stops when its lease ends.
    const reply = await store.recreate({ flow: id, task: at, generation }, this.#parts.leaseMs);
    if (reply.tag === 'held') return 'held';
    if (reply.tag === 'moved') return undefined;
    await port.wake([toTaskDelivery(id, reply.delivery)]);
    return 'redelivered';
  }

  async #isBehindSomebody(id: string, view: FlowView, at: number): Promise<boolean> {
    const { store, port } = this.#parts;
    const labels = JSON.parse(view.labels) as readonly TaskLabel[];
    const before = labels[at]?.after ?? [];
    if (before.length === 0) return false;
    const deliveries = await store.deliveries(id, before);
    const states = await Promise.all(
      deliveries.map((task) => port.state(toTaskDelivery(id, task))),
    );
    return states.includes('open');
  }

  /** It ended in BullMQ outside our workers, who would have told the flow before. */
  async #settle(id: string, task: TaskView, delivery: Delivery): Promise<Mended> {
    const { store, queues, waker, events } = this.#parts;
    const view = await queues.find(delivery.queue, deliveryId(delivery));
    if (!view) return undefined;
    const how = outcomeOf(view, delivery);
    const { generation } = delivery;
    const { start } = task;
    const run = { flow: id, task: delivery.flow?.task ?? 0, generation, start };
    const reply = await store.settle({ ...run, attempt: Math.max(1, view.attemptsMade) }, how);
    if (reply.tag !== 'settled') return undefined;
    await waker.wake(id, reply.wake);
    if (reply.state !== 'running' && reply.state !== 'compensating') {
      events.emit(`flow.${reply.state}`, { flow: id });
    }
    return how.kind === 'dead' ? 'buried' : 'completed';
  }
}

function outcomeOf(
  view: {
    readonly state: string;
    readonly failedReason: string | undefined;
    readonly result: unknown;
  },
  { name, id }: Delivery,
): TaskOutcome {
  if (view.state === 'failed') {
    const error = new DeliveryDiedError(name, id, view.failedReason ?? 'no reason given');
    return { kind: 'dead', value: JSON.stringify(serializeError(error)) };
  }
  const { result } = view;
  return result === undefined ? { kind: 'done' } : { kind: 'done', value: JSON.stringify(result) };
}

function isPending(task: TaskView | undefined): boolean {
  return task?.state === 'waiting' || task?.state === 'ready';
}

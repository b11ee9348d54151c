import { type FlowJob, FlowProducer, type IQueueBackend } from 'bullmq';
import { type Delivery, packDelivery } from '../delivery.js';
import type { DeliveryTree, FlowPort } from '../flows/flow-port.js';
import { deliveryId } from '../identity.js';
import { type BullParts, bullOptions } from './connection.js';
import { toBullJob } from './mapping.js';

/** A parked delivery looks by itself after this time whether it may start; until then somebody wakes it. */
export const PARKED_MS = 30 * 24 * 60 * 60 * 1000;

/** What BullMQ answers to the promotion of a job that is not delayed, or not there. */
const isNotDelayed = (error: unknown): boolean =>
  error instanceof Error && /is not in the delayed state|missing key/i.test(error.message);

/** The queue operations of flows, on BullMQ's own flows. */
export class BullFlows implements FlowPort {
  readonly #parts: BullParts;
  readonly #onError: (error: unknown) => void;
  #producer: FlowProducer | undefined;

  constructor(parts: BullParts & { readonly onError: (error: unknown) => void }) {
    this.#parts = parts;
    this.#onError = parts.onError;
  }

  async insert(trees: readonly DeliveryTree[]): Promise<void> {
    const made = trees.map((tree) => toFlowJob(tree));
    await this.#guard((producer) => producer.addBulk(made));
  }

  async wake(deliveries: readonly Delivery[]): Promise<void> {
    await this.#guard((producer) =>
      Promise.all(deliveries.map((delivery) => wakeOne(backendOf(producer, delivery), delivery))),
    );
  }

  async state(delivery: Delivery): ReturnType<FlowPort['state']> {
    const state = await this.#guard((producer) =>
      backendOf(producer, delivery).getState(deliveryId(delivery)),
    );
    switch (state) {
      case 'unknown':
        return 'missing';
      case 'delayed':
        return 'parked';
      case 'waiting-children':
        return 'behind';
      case 'completed':
      case 'failed':
        return 'ended';
      default:
        return 'open';
    }
  }

  async close(): Promise<void> {
    await this.#producer?.close();
  }

  /** A BullMQ object whose first contact with Redis failed stays broken: it is made anew for the next try. */
  async #guard<T>(work: (producer: FlowProducer) => Promise<T>): Promise<T> {
    if (!this.#producer) {
      this.#producer = new FlowProducer(bullOptions(this.#parts));
      this.#producer.on('error', this.#onError);
    }
    const producer = this.#producer;
    try {
      return await work(producer);
    } catch (error) {
      if (this.#producer === producer) this.#producer = undefined;
      producer.close().catch(this.#onError);
      throw error;
    }
  }
}

async function wakeOne(backend: IQueueBackend, delivery: Delivery): Promise<void> {
  try {
    await backend.promote(deliveryId(delivery));
  } catch (error) {
    if (!isNotDelayed(error)) throw error;
    // Adding what is there adds nothing.
    const { job, jobId } = toBullJob(delivery);
    await backend.addJob(job, jobId);
  }
}

function backendOf(producer: FlowProducer, { queue }: Delivery): IQueueBackend {
  return producer.getBackend().forQueue(queue);
}

/** Not by recursion: a chain may be a thousand nodes long. */
function toFlowJob(root: DeliveryTree): FlowJob {
  const made: FlowJob = flowJob(root, false);
  const open: [DeliveryTree, FlowJob][] = [[root, made]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [tree, job] = next;
    if (tree.children.length === 0) continue;
    job.children = tree.children.map((child) => {
      const below = flowJob(child, true);
      open.push([child, below]);
      return below;
    });
  }
  return made;
}

function flowJob({ delivery, isParked, children }: DeliveryTree, isChild: boolean): FlowJob {
  const { jobId, job } = toBullJob(delivery);
  return {
    name: delivery.name,
    queueName: delivery.queue,
    data: packDelivery(delivery, jobId),
    opts: {
      ...job.opts,
      jobId,
      timestamp: delivery.enqueuedAtMs,
      // One with children is parked when it has been started too early: its delay would begin with their end.
      ...(isParked && children.length === 0 ? { delay: PARKED_MS } : {}),
      // What a failure means for others is in the record: the parent asks that.
      ...(isChild ? { ignoreDependencyOnFailure: true } : {}),
    },
  };
}

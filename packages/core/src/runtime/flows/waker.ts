import type { Wake } from '../../flow/store.js';
import type { FlowPort } from './flow-port.js';
import { toTaskDelivery } from './task-delivery.js';

/** Starts the tasks that a transition made ready and that BullMQ does not start by itself. */
export class Waker {
  readonly #port: FlowPort;

  constructor(port: FlowPort) {
    this.#port = port;
  }

  /** May be repeated: a task that is awake stays as it is. */
  async wake(flow: string, wake: Wake): Promise<void> {
    if (wake.length === 0) return;
    await this.#port.wake(wake.map((task) => toTaskDelivery(flow, task)));
  }
}

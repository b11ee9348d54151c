import { refuseOption } from '@bulletproof/kernel';
import type { Bounded } from './bounded.js';
import type { QueuePort, QueueStatus } from './queue-port.js';

/** The app's queues as an operator sees them. */
export class QueueControl {
  readonly #queues: QueuePort;
  readonly #names: readonly string[];
  readonly #bounded: Bounded;

  constructor(queues: QueuePort, names: readonly string[], bounded: Bounded) {
    this.#bounded = bounded;
    this.#queues = queues;
    this.#names = names;
  }

  /** How many deliveries are in which state, a row a queue, most urgent first. */
  status(): Promise<QueueStatus[]> {
    return this.#bounded.run(() =>
      Promise.all(this.#names.map((name) => this.#queues.status(name))),
    );
  }

  /** Stops all workers of a queue from starting more; what runs goes on, what is enqueued waits. */
  async pause(name: string): Promise<void> {
    const queue = this.#known(name);
    await this.#bounded.run(() => this.#queues.pause(queue));
  }

  /** Ends a pause. */
  async resume(name: string): Promise<void> {
    const queue = this.#known(name);
    await this.#bounded.run(() => this.#queues.resume(queue));
  }

  #known(name: string): string {
    if (this.#names.includes(name)) return name;
    refuseOption('queue', `one of ${this.#names.join(', ')}`, name);
  }
}

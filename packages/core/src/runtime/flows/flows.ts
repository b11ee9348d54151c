import type { Flow } from '../../flow/index.js';
import { label } from '../../job/internal.js';
import type { FlowDesk, StartOptions } from './flow-desk.js';
import { FlowRun, type FlowRunParts } from './flow-run.js';

/** The app's flows. */
export class Flows {
  readonly #desk: FlowDesk;
  readonly #parts: FlowRunParts;

  constructor(parts: FlowRunParts) {
    this.#desk = parts.desk;
    this.#parts = parts;
  }

  /** Starts a flow; `app.start` does the same. */
  async start<Results>(flow: Flow<Results>, options: StartOptions = {}): Promise<FlowRun<Results>> {
    return new FlowRun<Results>(this.#parts, await this.#desk.start(flow, options));
  }

  /**
   * A handle to a flow that was started earlier, by any process.
   * @throws InvalidOptionError (`INVALID_OPTION`) for what can be no flow's id
   */
  get<Results = Record<string, unknown>>(id: string): FlowRun<Results> {
    return new FlowRun<Results>(this.#parts, { id: label(id, 'flow id'), deduplicated: false });
  }
}

/** One call that the doctor mended. */
export interface DoctorRepair {
  readonly id: string;
  readonly queue: string;
  /** What had become of its delivery. */
  readonly found: 'missing' | 'failed' | 'completed';
  /**
   * `redelivered`: enqueued again, its recorded steps are kept. `buried`: dead with `DeliveryDiedError`. `completed`:
   * its record answers with the result that the delivery has. `abandoned`: cancelled, for neither record nor queue
   * knows its input any more.
   */
  readonly done: 'redelivered' | 'buried' | 'completed' | 'abandoned';
}

/** What a pass of the doctor saw and did. */
export interface DoctorReport {
  /** Open records of calls that it looked at. */
  readonly looked: number;
  /** Of these, without a delivery but with a lease that has not ended: the next pass decides. */
  readonly held: number;
  readonly redelivered: number;
  readonly buried: number;
  readonly completed: number;
  readonly abandoned: number;
  /** The first 1,000 repairs. */
  readonly repairs: readonly DoctorRepair[];
  readonly durationMs: number;
}

const KEPT_REPAIRS = 1_000;

/** Adds up one pass. */
export class DoctorTally {
  looked = 0;
  held = 0;
  readonly #done = { redelivered: 0, buried: 0, completed: 0, abandoned: 0 };
  readonly #repairs: DoctorRepair[] = [];

  repaired(repair: DoctorRepair): void {
    this.#done[repair.done] += 1;
    if (this.#repairs.length < KEPT_REPAIRS) this.#repairs.push(repair);
  }

  report(durationMs: number): DoctorReport {
    const { looked, held } = this;
    return { looked, held, ...this.#done, repairs: this.#repairs, durationMs };
  }
}

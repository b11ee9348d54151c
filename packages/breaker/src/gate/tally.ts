import type { Counts } from '../policy/state.js';

/** The outcomes of calls that were not told on yet. The closed path of every call ends here, so it only adds. */
export class Tally implements Counts {
  passed = 0;
  failed = 0;
  slow = 0;

  get isEmpty(): boolean {
    return this.passed === 0 && this.failed === 0;
  }

  /** Adds other outcomes. */
  add({ passed, failed, slow }: Counts): void {
    this.passed += passed;
    this.failed += failed;
    this.slow += slow;
  }

  /** Takes all out. */
  take(): Counts {
    const { passed, failed, slow } = this;
    this.clear();
    return { passed, failed, slow };
  }

  /** Forgets all. */
  clear(): void {
    this.passed = 0;
    this.failed = 0;
    this.slow = 0;
  }
}

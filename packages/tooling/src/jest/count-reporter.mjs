// Leaves the counts of one Jest run where the root command adds all runs up.
import { writeCounts } from '../results.mjs';

/** A Jest reporter. */
export default class CountReporter {
  /**
   * @param {unknown} _contexts
   * @param {Record<'numPassedTests' | 'numFailedTests' | 'numRuntimeErrorTestSuites' | 'numPendingTests' | 'numTodoTests', number>} results
   */
  onRunComplete(_contexts, results) {
    writeCounts({
      passed: results.numPassedTests,
      // A file that does not even load has no failed test in it, and has failed all the same.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    });
  }
}

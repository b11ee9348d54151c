// Test counts of many runners, added up: each leaves a file in the folder that TEST_RESULTS_DIR names.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Does nothing when TEST_RESULTS_DIR is not set: a package's tests run by hand.
 * @param {Counts} counts
 */
export function writeCounts(counts, folder = process.env.TEST_RESULTS_DIR) {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${basename(process.cwd())}-${process.pid}.json`);
  writeFileSync(file, JSON.stringify(counts));
}

/**
 * @param {string} folder
 * @returns {Counts}
 */
export function sumCounts(folder) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.json')) continue;
    const counts = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

// Runs node:test files and leaves their counts beside Jest's: node node-tests.mjs <folder or file> [...]
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { writeCounts } from './results.mjs';
import { filesUnder } from './workspace.mjs';

const TIMEOUT_MS = 600_000;

const files = process.argv.slice(2).flatMap((name) => {
  const path = resolve(name);
  return statSync(path).isDirectory() ? filesUnder(path, /\.test\.mjs$/) : [path];
});
const counts = { passed: 0, failed: 0, skipped: 0 };
const stream = run({ files, concurrency: false, timeout: TIMEOUT_MS });
stream.on('test:pass', ({ skip, todo, details }) => {
  if (details.type === 'suite') return;
  if (skip !== undefined || todo !== undefined) counts.skipped += 1;
  else counts.passed += 1;
});
stream.on('test:fail', ({ details }) => {
  if (details.type !== 'suite') counts.failed += 1;
});
stream.on('end', () => {
  writeCounts(counts);
  if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
});
stream.compose(new spec()).pipe(process.stdout);

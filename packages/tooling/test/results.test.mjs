import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sumCounts, writeCounts } from '../src/results.mjs';
import { runStage, verdict } from '../src/stages.mjs';

const fine = { name: 'build', ok: true, status: 0, seconds: 1.23 };
const last = (/** @type {{ lines: string[] }} */ { lines }) => lines.at(-1);

test('counts of several runners are added up', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulletproof-counts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeCounts({ passed: 100, failed: 0, skipped: 0 }, join(folder, 'another-run'));
  writeCounts({ passed: 3, failed: 1, skipped: 0 }, folder);
  assert.deepEqual(sumCounts(folder), { passed: 3, failed: 1, skipped: 0 });
});

test('a green run ends with its counts', () => {
  const all = verdict([fine], { passed: 12, failed: 0, skipped: 2 });
  assert.equal(last(all), '12 passed, 0 failed, 2 skipped');
  assert.equal(all.ok, true);
  assert.equal(all.lines[0], 'ok     build (1.2 s)');
});

test('a stage that fails without a failed test is one failure', () => {
  const results = [fine, { name: 'lint', ok: false, status: 1, seconds: 1 }];
  const all = verdict(results, { passed: 12, failed: 0, skipped: 0 });
  assert.equal(last(all), '12 passed, 1 failed, 0 skipped');
  assert.equal(all.ok, false);
});

test('failed tests are not counted again for their stage', () => {
  const results = [fine, { name: 'tests', ok: false, status: 1, seconds: 1 }];
  assert.equal(
    last(verdict(results, { passed: 1, failed: 3, skipped: 0 })),
    '1 passed, 3 failed, 0 skipped',
  );
});

test('tests that fail without leaving a count are one failure', () => {
  const results = [fine, { name: 'tests', ok: false, status: 1, seconds: 1 }];
  assert.equal(
    last(verdict(results, { passed: 5, failed: 0, skipped: 0 })),
    '5 passed, 1 failed, 0 skipped',
  );
});

test('no test at all is no success', () => {
  const all = verdict([fine], { passed: 0, failed: 0, skipped: 0 });
  assert.equal(last(all), '0 passed, 1 failed, 0 skipped');
  assert.equal(all.ok, false);
});

test('a stage tells by its exit status how it went, also when its program is missing', () => {
  assert.equal(runStage({ name: 'a', command: ['node', '-e', ''] }).ok, true);
  assert.equal(runStage({ name: 'b', command: ['node', '-e', 'process.exit(3)'] }).ok, false);
  const given = ['node', '-e', "process.exit(process.env.GIVEN === '1' ? 0 : 1)"];
  assert.equal(runStage({ name: 'c', command: given }, { GIVEN: '1' }).ok, true);
  assert.equal(runStage({ name: 'd', command: ['no-such-program-here'] }).ok, false);
});

test('a stage gives its exit status on, and one that is silent when all is well speaks when it fails', (t) => {
  /** @type {string[]} */
  const said = [];
  t.mock.method(process.stderr, 'write', (/** @type {string} */ text) => said.push(text) > 0);
  const talk = (/** @type {number} */ status) => [
    'node',
    '-e',
    `console.log('words'); process.exit(${status})`,
  ];
  assert.equal(runStage({ name: 'a', command: talk(0), silentWhenOk: true }).status, 0);
  assert.deepEqual(said, []);
  assert.equal(runStage({ name: 'b', command: talk(130), silentWhenOk: true }).status, 130);
  assert.deepEqual(said, ['words\n']);
});

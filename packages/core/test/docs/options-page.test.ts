// docs/reference/options.md and events.md against the code.
import { toMs } from '@bulletproof/kernel';
import { expect, it } from '@jest/globals';
import { checkJobOptions } from '../../src/job/check-options.js';
import { createDefinition } from '../../src/job/definition.js';
import { resolveJobOptions } from '../../src/job/resolve.js';
import { resolveOptions } from '../../src/runtime/options.js';
import { EVENT_NAMES } from '../runtime/world.js';
import { pageText, tableRows } from './page.js';

const page = pageText('reference/options.md');

/** A default as the page writes it: a JavaScript literal between code marks, first in its cell. */
function literal(cell: string): unknown {
  const [, code = ''] = /^`([^`]+)`/.exec(cell) ?? [];
  return /^['[\d]/.test(code) ? JSON.parse(code.replaceAll("'", '"')) : undefined;
}

/** As the code keeps it: durations in ms. */
function kept(value: unknown): unknown {
  return typeof value === 'string' && /^\d+(?:ms|s|m|h|d)$/.test(value)
    ? toMs(value as '1s', 'default')
    : value;
}

function defaultsOf(heading: string): [name: string, value: unknown][] {
  return tableRows(page, heading).map(([name = '', value = '']) => [
    name.replaceAll('`', ''),
    kept(literal(value)),
  ]);
}

it('names every option of an app with its default', () => {
  const given = new Set(['logger', 'redis', 'defaults']);
  const decided = Object.entries(resolveOptions({ redis: {} })).filter(
    ([name]) => !given.has(name),
  );
  const documented = defaultsOf('`new Bulletproof(options)`').filter(([name]) => !given.has(name));
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(decided));
});

it('names the defaults of a job', () => {
  const defaults = { queues: ['critical', 'default'], defaults: {} };
  const { queue, attempts, keepForMs, backoff } = resolveJobOptions(
    createDefinition('ping', checkJobOptions('ping', {})),
    defaults,
  );
  const documented = Object.fromEntries(
    defaultsOf('`@Job(options)`, `defineJob(options, handler?)`'),
  );
  expect(documented).toMatchObject({
    queue,
    attempts,
    'idempotency.keepFor': keepForMs,
    'backoff.type': backoff.type,
    'backoff.delay': backoff.delayMs,
    'backoff.max': backoff.maxMs,
    'backoff.jitter': backoff.jitter,
  });
});

it('names every event', () => {
  const events = tableRows(pageText('reference/events.md'), 'Events').map(([name = '']) => name);
  expect(events.map((name) => name.replaceAll('`', '')).sort()).toEqual([...EVENT_NAMES].sort());
});

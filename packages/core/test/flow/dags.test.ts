import { leftoverKeys, removeKeys, testRedis, uniquePrefix, until } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Bulletproof, Discard, defineJob, type FlowRun, flow } from '../../src/index.js';
import { silent } from '../app/trial.js';
import { type RandomNode, reference } from './reference.js';

/** Graphs; by hand thousands of them. */
const GRAPHS = Number(process.env.FLOW_GRAPHS ?? 60);
/** Graphs that run at the same time. */
const AT_ONCE = 10;
const MAX_NODES = 60;

const redis = testRedis();
const prefix = uniquePrefix('dags');
/** What happened, by flow: `+name` a node began, `-name` it was undone. */
const logs = new Map<string, string[]>();
let app: Bulletproof;

interface Input {
  readonly flow: string;
  readonly node: string;
  readonly dies?: boolean;
}

const note = (input: Input, what: string): void => {
  logs.get(input.flow)?.push(what);
};
const work = defineJob({ name: 'work', attempts: 1 }, async (input: Input) => {
  note(input, `+${input.node}`);
  if (input.dies) throw new Discard('it was to die');
  return input.node;
});
const undo = defineJob({ name: 'undo', attempts: 1 }, async (input: Input) => {
  note(input, `-${input.node}`);
});
const callback = defineJob({ name: 'callback' }, async (input: Input) => {
  note(input, `!${input.node}`);
});

beforeAll(async () => {
  app = new Bulletproof({ redis: redis.url, prefix, logger: silent });
  app.register(work, undo, callback);
  await app.work({ queues: { critical: 5, high: 5, default: 20, low: 5 } });
});
afterAll(async () => {
  await app.close({ deadline: '1s' });
  // Every key of ours ends by itself.
  const allow = [/^(?!.*:\{r\d\d\})/];
  expect(await leftoverKeys(redis.client, prefix, { allow })).toEqual([]);
  await removeKeys(redis.client, prefix);
  await redis.close();
});

const node = fc.record({
  after: fc.array(fc.nat(10_000), { maxLength: 4 }),
  dies: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
  undo: fc.boolean(),
  queue: fc.constantFrom('critical', 'high', 'default', 'low'),
});
const graph = fc
  .array(node, { minLength: 1, maxLength: MAX_NODES, size: 'max' })
  .map((nodes): RandomNode[] =>
    nodes.map(({ after, ...rest }, at) => ({
      ...rest,
      name: `n${at}`,
      after:
        at === 0 ? [] : [...new Set(after.map((pick) => pick % at))].map((before) => `n${before}`),
    })),
  );

async function play(id: string, nodes: readonly RandomNode[]): Promise<FlowRun> {
  logs.set(id, []);
  const made = flow(
    'random',
    nodes.map(({ name, after, dies, undo: hasUndo, queue }) => {
      const call = work({ flow: id, node: name, dies }, { queue }).after(...after);
      return [name, hasUndo ? call.undo(undo({ flow: id, node: name })) : call] as const;
    }),
  );
  const told = (what: string) => callback({ flow: id, node: what });
  const run = await app.start(made, {
    id,
    onComplete: told('complete'),
    onSuccess: told('success'),
    onFailure: told('failure'),
  });
  await run.result({ timeout: '60s' }).catch(() => {});
  const callbacks = () => (logs.get(id) ?? []).filter((what) => what.startsWith('!'));
  await until(() => callbacks().length >= 2);
  return run;
}

async function judge(id: string, run: FlowRun, nodes: readonly RandomNode[]): Promise<void> {
  const { state, nodes: found } = await run.status();
  const log = logs.get(id) ?? [];
  const begun = log.filter((what) => what.startsWith('+')).map((what) => what.slice(1));
  const undone = log.filter((what) => what.startsWith('-')).map((what) => what.slice(1));
  const expected = reference(nodes);
  // Each at most once, exactly those that should, and none before what it needs.
  expect([...begun].sort()).toEqual([...expected.begun].sort());
  for (const { name, after } of nodes) {
    const at = begun.indexOf(name);
    if (at < 0) continue;
    for (const before of after) expect(begun.indexOf(before)).toBeLessThan(at);
    for (const before of after)
      expect(found[before]?.finishedAt).toBeLessThanOrEqual(found[name]?.startedAt ?? 0);
  }
  const states = Object.fromEntries(
    Object.entries(found).map(([name, node]) => [name, node.state]),
  );
  expect(states).toEqual(expected.states);
  expect(state).toBe(expected.state);
  // Newest first, by the time of the success; within one millisecond either may be the newer.
  expect([...undone].sort()).toEqual([...expected.undone].sort());
  const finished = undone.map((name) => found[name]?.finishedAt ?? 0);
  expect(finished).toEqual([...finished].sort((x, y) => y - x));
  for (const { name } of nodes) {
    if (found[name]?.state === 'completed') expect(found[name]?.result).toBe(name);
  }
  const ending = state === 'completed' ? '!success' : '!failure';
  expect(log.filter((what) => what.startsWith('!')).sort()).toEqual(['!complete', ending].sort());
}

describe('random graphs', () => {
  it(
    'run as the reference says',
    async () => {
      let seen = 0;
      let failed = 0;
      const property = fc.asyncProperty(
        fc.array(graph, { minLength: AT_ONCE, maxLength: AT_ONCE }),
        async (graphs) => {
          await Promise.all(
            graphs.map(async (nodes) => {
              seen += 1;
              const id = `dag-${seen}`;
              const run = await play(id, nodes);
              await judge(id, run, nodes);
              if (nodes.some(({ dies }) => dies)) failed += 1;
              logs.delete(id);
            }),
          );
        },
      );
      await fc.assert(property, { numRuns: Math.ceil(GRAPHS / AT_ONCE), endOnFailure: true });
      process.stdout.write(`random graphs: ${seen}, ${failed} with a node that dies\n`);
      expect(failed).toBeGreaterThan(0);
    },
    60_000 + GRAPHS * 500,
  );
});

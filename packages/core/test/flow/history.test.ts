import { keyspace, portOf, ScriptRunner } from '@bulletproof/kernel';
import { keysUnder, removeKeys, testRedis, uniquePrefix } from '@bulletproof/test-kit';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { checkGraph } from '../../src/flow/graph/check.js';
import { draftsOf, planOf } from '../../src/flow/plan.js';
import type { FlowPlan, FlowStore, TaskOutcome } from '../../src/flow/store.js';
import { MemoryFlowStore } from '../../src/flow/stores/memory.js';
import { RedisFlowStore } from '../../src/flow/stores/redis.js';
import { defineJob } from '../../src/index.js';

const RUNS = Number(process.env.FLOW_HISTORIES ?? 100);
const START_MS = 1_800_000_000_123;
const KEEP_MS = 1_000_000;

const redis = testRedis();
afterAll(() => redis.close());

const job = defineJob<number, unknown>({ name: 'job' });

/** A random graph: of each node the earlier ones it depends on, and whether it can be undone. */
const shape = fc.array(
  fc.record({ after: fc.array(fc.nat(100), { maxLength: 3 }), undo: fc.boolean() }),
  { minLength: 1, maxLength: 8 },
);

const move = fc.record({
  kind: fc.constantFrom(
    'begin',
    'begin',
    'settle',
    'settle',
    'settle',
    'cancel',
    'retry',
    'recreate',
    'start',
    'wait',
  ),
  pick: fc.nat(100),
  stale: fc.integer({ min: 0, max: 9 }),
  outcome: fc.constantFrom<TaskOutcome['kind']>(
    'done',
    'done',
    'done',
    'taken',
    'dead',
    'dead',
    'cancelled',
  ),
  lucky: fc.boolean(),
});

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

function planFor(id: string, nodes: Shape): FlowPlan {
  const graph = checkGraph(
    'f',
    nodes.map(({ after, undo }, at): [string, ReturnType<typeof job>] => {
      const names = at === 0 ? [] : after.map((pick) => `n${pick % at}`);
      const node = job(at).after(...names);
      return [`n${at}`, (undo ? node.undo(job(-at)) : node) as never];
    }),
  );
  const drafts = draftsOf(graph, { onComplete: job(1), onSuccess: job(2), onFailure: job(3) });
  const made = drafts.map((_, at) => ({ envelope: `call ${at}`, queue: 'q' }));
  return planOf({ id, name: 'f', digest: 'd', keepMs: KEEP_MS }, drafts, made);
}

/** Every way in which a store may answer. */
const ANSWERS = [
  'cancelled',
  'claimed',
  'conflict',
  'dead',
  'done',
  'found',
  'held',
  'known',
  'lost',
  'moved',
  'recreated',
  'refused',
  'retried',
  'settled',
  'skipped',
  'started',
  'superseded',
  'waiting',
];

const sawAll = (answers: ReadonlySet<string>): boolean => ANSWERS.every((tag) => answers.has(tag));

describe('flows in the memory store and the Redis store', () => {
  it('answer alike in random histories, and end well', async () => {
    const answers = new Set<string>();
    let steps = 0;
    const property = fc.asyncProperty(
      shape,
      fc.array(move, { minLength: 5, maxLength: 60 }),
      async (nodes, moves) => {
        const prefix = uniquePrefix('flows');
        let now = START_MS;
        const port = portOf(redis.client);
        const real = new RedisFlowStore(new ScriptRunner(port), keyspace(prefix), () => now);
        const memory = new MemoryFlowStore(() => now);
        const plan = planFor('the flow', nodes);
        const both = async <T>(ask: (store: FlowStore) => Promise<T>): Promise<T> => {
          const [expected, found] = await Promise.all([ask(memory), ask(real)]);
          expect(found).toEqual(expected);
          const { tag } = expected as { tag?: string };
          if (tag !== undefined) answers.add(tag);
          steps += 1;
          return expected;
        };
        await both((store) => store.start(plan));
        const starts = new Map<number, number>();
        for (const { kind, pick, stale, outcome, lucky } of moves) {
          now += 7;
          await both((store) => store.inspect(plan.id, true));
          const view = await both((store) => store.inspect(plan.id));
          if (!view) break;
          // Mostly what can go on, sometimes anything.
          const open = [...view.tasks.keys()].filter((at) =>
            ['ready', 'begun'].includes(view.tasks[at]?.state ?? ''),
          );
          const from = lucky && open.length > 0 ? open : [...plan.tasks.keys()];
          const task = from[pick % from.length] ?? 0;
          const known = view.tasks[task];
          const generation = (known?.generation ?? 1) - (stale === 0 ? 1 : 0);
          if (kind === 'begin') starts.set(task, (starts.get(task) ?? 0) + 1);
          const start = Math.max(0, (starts.get(task) ?? 0) - (stale === 1 ? 1 : 0));
          const run = { flow: plan.id, task, generation, start, attempt: start };
          const value = outcome === 'cancelled' ? '' : JSON.stringify({ steps, ü: '\ud83d' });
          if (kind === 'begin') await both((store) => store.begin(run));
          else if (kind === 'settle')
            await both((store) => store.settle(run, { kind: outcome, value }));
          else if (kind === 'cancel' && stale < 3)
            await both((store) => store.cancel(plan.id, `why ${steps}`));
          else if (kind === 'retry') await both((store) => store.retry(plan.id));
          else if (kind === 'recreate') {
            const reply = await both((store) => store.recreate(run, 20));
            if (reply.tag === 'recreated') starts.set(task, 0);
          } else if (kind === 'start')
            await both((store) => store.start({ ...plan, digest: stale === 0 ? 'e' : 'd' }));
          else if (kind === 'wait') now += 30;
          await both((store) => store.recall(plan.id, task));
          await both(async (store) => {
            const ids: string[] = [];
            for await (const page of store.survey(now)) ids.push(...page);
            return ids;
          });
          if (stale === 2) await both((store) => store.deliveries(plan.id, [task]));
        }
        await finish(memory, real, plan, now);
        await removeKeys(redis.client, prefix);
        expect(await keysUnder(redis.client, prefix)).toEqual([]);
      },
    );
    // Histories that never see an answer prove nothing about it: more of them until each was seen.
    for (let rounds = 0; rounds === 0 || (!sawAll(answers) && rounds < 10); rounds += 1) {
      await fc.assert(property, { numRuns: RUNS });
    }
    process.stdout.write(`flow histories: ${steps} operations on each store\n`);
    expect([...answers].sort()).toEqual(ANSWERS);
  }, 240_000);
});

/** Whatever has happened: who goes on with what is open reaches the end, and each callback has run once. */
async function finish(
  memory: FlowStore,
  real: FlowStore,
  plan: FlowPlan,
  now: number,
): Promise<void> {
  const stores = [memory, real];
  for (let round = 0; round < 200; round += 1) {
    const view = await memory.inspect(plan.id);
    if (!view) return;
    const task = view.tasks.findIndex(({ state }) => state === 'ready' || state === 'begun');
    if (task < 0) {
      expect(['completed', 'failed', 'compensated', 'cancelled']).toContain(view.state);
      expect(view.tasks.map(({ state }) => state)).not.toContain('waiting');
      const { complete = -1, success = -1 } = plan.callbacks;
      expect(view.tasks[complete]?.state).toMatch(/done|taken|dead|cancelled/);
      if (view.state === 'completed') expect(view.tasks[success]?.state).not.toBe('dormant');
      return;
    }
    const { generation = 1, start = 0 } = view.tasks[task] ?? {};
    const run = { flow: plan.id, task, generation, start: start + 1, attempt: 1 };
    for (const store of stores) {
      const begun = await store.begin(run);
      if (begun.tag === 'claimed') await store.settle(run, { kind: 'done', value: '1' });
    }
  }
  throw new Error(`the flow did not end by ${now}`);
}

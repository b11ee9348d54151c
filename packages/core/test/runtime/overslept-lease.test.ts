// M2: a worker stands still for longer than its lease, another one takes over, and the first one wakes up.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from '@bulletproof/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Bulletproof, type CallHandle, defineJob, type JobContext } from '../../src/index.js';
import { world } from './world.js';

const LEASE = '1s';
const SCENES = ['step', 'record', 'result', 'failure', 'progress'] as const;

const stage = world();

interface Act {
  readonly key: string;
  readonly scene: string;
}

/** The worker that takes over: in this process, with a handler of its own. */
function takeOver(app: Bulletproof, names: readonly string[]) {
  const runs: { key: string; attempt: number; token: number }[] = [];
  const handler = async ({ key }: Act, job: JobContext) => {
    runs.push({ key, attempt: job.attempt, token: job.fencingToken });
    return job.step('charge', async () => {
      await stage.redis.rpush(`${stage.prefix}:effects`, `${key}:charge:successor`);
      return 'by the successor';
    });
  };
  for (const name of names) {
    const isAnonymous = name === 'act-anonymous';
    app.register(
      defineJob(isAnonymous ? { name } : { name, idempotencyKey: ({ key }: Act) => key }, handler),
    );
  }
  return runs;
}

async function started(child: Child, count: number) {
  const tokens = new Map<string, number>();
  for (let at = 0; at < count; at += 1) {
    const { key, token } = await child.message('started');
    tokens.set(String(key), Number(token));
  }
  return tokens;
}

/** Lets the worker process run every scene into the same standstill, and the successor end every call. */
async function play(kind: 'blocked' | 'stopped') {
  const producer = stage.app({ lease: LEASE });
  const act = defineJob({ name: 'act', idempotencyKey: ({ key }: Act) => key });
  const anonymous = defineJob<Act>({ name: 'act-anonymous' });
  const once = defineJob({ name: 'act-once', idempotencyKey: ({ key }: Act) => key, attempts: 1 });
  // No slot to spare: a worker that stands still in BullMQ's blocking read swallows the word that wakes the others.
  const child = stage.workerProcess({ lease: LEASE, slots: 2 * SCENES.length + 1 });
  await child.message('ready');

  const handles: Record<string, CallHandle> = {};
  for (const scene of SCENES) {
    const input = (key: string) => ({ key, scene: `${kind}-${scene}` });
    handles[scene] = await producer.enqueue(act(input(scene)));
    handles[`anonymous-${scene}`] = await producer.enqueue(anonymous(input(`anonymous-${scene}`)));
  }
  // A last attempt that fails late would be a death.
  handles['once-failure'] = await producer.enqueue(
    once({ key: 'once-failure', scene: `${kind}-failure` }),
  );
  const first = await started(child, Object.keys(handles).length);
  await child.message('acted');
  await child.message('acted');

  const folder = await mkdtemp(join(tmpdir(), 'standstill-'));
  const file = join(folder, 'go-on');
  if (kind === 'blocked') {
    child.tell('block', { file });
    await child.message('blocking');
  } else {
    await child.kill('SIGSTOP');
    child.tell('go');
  }
  const runs = takeOver(producer, ['act', 'act-anonymous', 'act-once']);
  await producer.work({ queues: { default: 20 } });
  const results = await Promise.all(Object.values(handles).map((handle) => handle.result()));
  if (kind === 'blocked') await writeFile(file, '');
  else await child.kill('SIGCONT');

  const reports: Record<string, unknown>[] = [];
  for (let at = 0; at < 8; at += 1) reports.push(await child.message('report'));
  // The late ones have said all they had to say once nothing runs there any more.
  child.tell('close', { deadline: 1_000 });
  await child.message('closed');
  await rm(folder, { recursive: true });
  return { producer, child, handles, results, runs, first, reports };
}

type Played = Awaited<ReturnType<typeof play>>;

function expectOneOwner({ handles, results, runs, first, child }: Played) {
  expect(new Set(results)).toEqual(new Set(['by the successor']));
  expect(runs.map(({ key }) => key).sort()).toEqual(Object.keys(handles).sort());
  for (const { key, attempt, token } of runs) {
    expect(attempt).toBe(1);
    expect(token).toBeGreaterThan(first.get(key) ?? Infinity);
  }
  const said = child.pending().filter(({ say }) => say === 'event');
  expect(said.filter(({ name }) => name !== 'job.stalled')).toEqual([]);
}

async function expectEffectsOnce({ handles }: Played) {
  const effects = await stage.effects();
  for (const key of Object.keys(handles)) {
    const own = effects.filter((effect) => effect.startsWith(`${key}:`));
    // An effect that was made before its record was refused is beyond our reach: it is made again.
    const isBetween = key.endsWith('record');
    expect(own).toHaveLength(isBetween ? 2 : 1);
    expect(own.at(-1)).toBe(`${key}:charge:successor`);
  }
}

function expectRefused({ reports }: Played) {
  const by = (what: string) => reports.filter((report) => report.what === what);
  for (const what of ['step', 'record', 'progress', 'heartbeat']) {
    expect(by(what)).toEqual([
      expect.objectContaining({ what, code: 'LEASE_LOST', aborted: true }),
      expect.objectContaining({ what, code: 'LEASE_LOST', aborted: true }),
    ]);
  }
}

async function expectSettledOnce({ handles, producer }: Played) {
  for (const handle of Object.values(handles)) {
    expect(await handle.status()).toMatchObject({
      state: 'completed',
      attempt: 1,
      result: 'by the successor',
    });
    const job = await stage.bullJob(handle.id);
    expect({ failed: job.failedReason, progress: job.progress }).toEqual({
      failed: undefined,
      progress: 0,
    });
  }
  expect(await producer.dead.list()).toEqual([]);
}

describe('a worker that stood still for longer than its lease', () => {
  it.each(['blocked', 'stopped'] as const)(
    'acts, records and settles nothing more (%s)',
    async (kind) => {
      const played = await play(kind);
      expectOneOwner(played);
      expectRefused(played);
      await expectEffectsOnce(played);
      await expectSettledOnce(played);
    },
    30_000,
  );
});

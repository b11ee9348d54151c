import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testRedis, until } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { processesWith, startDemo } from './demo-process.js';

const redis = testRedis();
const STORY_MS = 120_000;

describe('the demo', () => {
  let db: Database;
  const given = { REDIS_URL: redis.url, DATABASE_URL: process.env.TEST_DATABASE_URL ?? '' };
  const play = async (...args: string[]) => {
    const demo = startDemo(['--json', '--orders', '60', ...args], given);
    const status = await demo.exited;
    return { status, lines: demo.lines, summary: JSON.parse(demo.lines.at(-1) ?? 'null') };
  };
  const schemas = async () =>
    (
      await db.query<{ name: string }>(
        `SELECT nspname AS name FROM pg_namespace WHERE nspname ~ '^orders_(demo|bare)_'`,
      )
    ).map(({ name }) => name);
  const keys = async () =>
    (await redis.client.keys('*')).filter((key) => /orders_(demo|bare)_/.test(key));

  beforeAll(() => {
    db = new Database(given.DATABASE_URL, 'public', 1);
  });

  afterAll(async () => {
    await db.close();
    await redis.close();
  });

  it(
    'passes its audit on Bulletproof and fails it on bare BullMQ, on the servers that were given, and leaves them clean',
    async () => {
      const playing = Promise.all([play(), play('--bare')]);
      await until(async () => (await schemas()).length === 2, { deadlineMs: 60_000 });
      await until(async () => (await keys()).length > 0, { deadlineMs: 60_000 });
      const [ours, bare] = await playing;

      expect(ours.lines.join('\n')).toContain('the one in REDIS_URL');
      expect(ours.summary).toMatchObject({
        mode: 'bulletproof',
        passed: true,
        orders: 60,
        charges: 60,
        ordersChargedOnce: 60,
        conflictsSent: 3,
        conflictsRefused: 3,
        mails: 60,
        outageAttemptsWhileOpen: 0,
        failed: [],
      });
      expect(ours.summary.outageCallsWhileOpen).toBeLessThanOrEqual(ours.summary.outageProbes);
      expect(ours.summary.outagePutOff).toBeGreaterThan(0);
      expect(ours.summary.breakerClosedAfterMs).toBeGreaterThan(0);
      expect(ours.lines.join('\n')).toMatch(/gateway OFF\) {2}breaker (open|half-open)/);
      expect(ours.summary.repeatedByKills).toBeLessThanOrEqual(ours.summary.runsInFlightAtKills);
      expect(ours.status).toBe(0);

      expect(bare.summary).toMatchObject({ mode: 'bare', passed: false, conflictsRefused: 0 });
      expect(bare.summary.ordersChargedMore).toBeGreaterThan(0);
      expect(bare.summary.failed).toContain('every order was charged exactly once');
      expect(bare.summary.outageAttemptsWhileOpen).toBeGreaterThan(0);
      expect(bare.lines.join('\n')).toContain('as expected');
      expect(bare.status).toBe(1);

      expect(await schemas()).toEqual([]);
      expect(await keys()).toEqual([]);
    },
    STORY_MS,
  );

  it(
    'leaves no process and no file behind when it is interrupted',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'orders-ctrl-c-'));
      await chmod(folder, 0o755); // PostgreSQL runs as another user when we are root
      try {
        const demo = startDemo([], { TMPDIR: folder });
        await demo.line(/worker-2 works/);
        expect((await processesWith(`TMPDIR=${folder}`)).length).toBeGreaterThan(5);
        demo.signal('SIGINT');
        expect(await demo.exited).toBe(130);
        await until(async () => (await processesWith(`TMPDIR=${folder}`)).length === 0);
        expect(await readdir(folder)).toEqual([]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    STORY_MS,
  );

  it(
    'leaves no process behind when it is killed with kill -9',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'orders-kill-9-'));
      await chmod(folder, 0o755);
      try {
        const demo = startDemo([], { TMPDIR: folder });
        await demo.line(/worker-2 works/);
        demo.signal('SIGKILL');
        await demo.exited;
        await until(async () => (await processesWith(`TMPDIR=${folder}`)).length === 0, {
          deadlineMs: 20_000,
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    STORY_MS,
  );

  it.each(['REDIS_URL', 'DATABASE_URL'])('says in a line that %s leads nowhere', async (name) => {
    const nowhere = `${name === 'REDIS_URL' ? 'redis' : 'postgres'}://127.0.0.1:1`;
    const demo = startDemo([], { ...given, [name]: nowhere });
    expect(await demo.exited).toBe(1);
    expect(demo.complaints.join('\n')).toMatch(
      new RegExp(`^${name} points to 127\\.0\\.0\\.1:1, .*unset ${name}.*$`),
    );
  });

  it.each([['--fast'], ['--seed', 'x'], ['--orders', '3']])('refuses %s', async (...args) => {
    const demo = startDemo(args, given);
    expect(await demo.exited).toBe(2);
    expect(demo.lines).toEqual([]);
  });
});

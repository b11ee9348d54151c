import { defineJob } from '@bulletproof/core';
import { until } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { transact } from '../src/database.js';
import { enqueueInTransaction, migrate, OutboxRelay } from '../src/index.js';
import { apps, silent } from './apps.js';
import { serverDatabase } from './databases.js';
import { refusalOf } from './refusal.js';

const newApp = apps();

describe('relays of one outbox', () => {
  let db: Awaited<ReturnType<typeof serverDatabase>>;

  beforeAll(async () => {
    db = await serverDatabase();
    await migrate(db.database);
  }, 60_000);
  afterAll(() => db.close());

  const rows = async (): Promise<number> =>
    (await db.database.query('SELECT 1 FROM bulletproof_outbox')).rows.length;

  it('share the work: each call is enqueued by one of them and runs once', async () => {
    const runs: number[] = [];
    const note = defineJob({ name: 'note' }, (n: number): void => {
      runs.push(n);
    });
    const app = newApp();
    app.register(note);
    await app.work({ queues: { default: 20 } });
    const relays = Array.from({ length: 4 }, () =>
      new OutboxRelay({ app, database: db.database, batch: 20, logger: silent }).start(),
    );
    const inputs = Array.from({ length: 1_000 }, (_, n) => n);
    for (let at = 0; at < inputs.length; at += 50) {
      await transact(db.database, async (tx) => {
        for (const n of inputs.slice(at, at + 50)) await enqueueInTransaction(tx, note(n));
      });
    }
    await until(() => runs.length >= 1_000);
    await until(async () => (await rows()) === 0);
    await Promise.all(relays.map((relay) => relay.close()));
    expect([...runs].sort((a, b) => a - b)).toEqual(inputs);
    const enqueued = relays.reduce((sum, relay) => sum + relay.totals.enqueued, 0);
    expect(enqueued).toBe(1_000);
  });

  it('never relay a call before an earlier one of its key that another relay still has', async () => {
    const note = defineJob({ name: 'note' }, (_n: number): void => {});
    const app = newApp();
    app.register(note);
    for (const n of [1, 2]) {
      await transact(db.database, (tx) => enqueueInTransaction(tx, note(n), { orderingKey: 'k' }));
    }
    const other = await db.database.connect();
    await other.query('BEGIN');
    await other.query('SELECT id FROM bulletproof_outbox ORDER BY id LIMIT 1 FOR UPDATE');
    const relay = new OutboxRelay({ app, database: db.database, logger: silent });
    expect(await relay.relay()).toMatchObject({ taken: 0 });
    await other.query('ROLLBACK');
    other.release();
    expect(await relay.relay()).toMatchObject({ taken: 1 });
    expect(await relay.relay()).toMatchObject({ taken: 1 });
  });

  it('make a later transaction of an ordering key wait for the earlier one', async () => {
    const note = defineJob({ name: 'note' }, (_n: number): void => {});
    const first = await db.database.connect();
    await first.query('BEGIN');
    await enqueueInTransaction(first, note(1), { orderingKey: 'k' });
    let committed = false;
    const second = transact(db.database, (tx) =>
      enqueueInTransaction(tx, note(2), { orderingKey: 'k' }),
    ).then(() => committed);
    await until(async () => {
      const { rows: waiting } = await db.database.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`,
      );
      return waiting.length > 0;
    });
    committed = true;
    await first.query('COMMIT');
    first.release();
    expect(await second).toBe(true);
    await db.database.query('TRUNCATE bulletproof_outbox');
  });

  it('go on when the server cuts all their connections', async () => {
    const runs: number[] = [];
    const note = defineJob({ name: 'note' }, (n: number): void => {
      runs.push(n);
    });
    const app = newApp();
    app.register(note);
    await app.work();
    const relay = new OutboxRelay({
      app,
      database: db.database,
      pollEvery: '50ms',
      logger: silent,
    }).start();
    await transact(db.database, (tx) => enqueueInTransaction(tx, note(1)));
    await until(() => runs.length === 1);
    await db.database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await transact(db.database, (tx) => enqueueInTransaction(tx, note(2)));
    await until(() => runs.length === 2);
    await relay.close();
    expect(runs).toEqual([1, 2]);
  });

  it('enqueue once whatever statement of theirs fails', async () => {
    const runs: string[] = [];
    const note = defineJob({ name: 'note' }, (name: string): void => {
      runs.push(name);
    });
    const app = newApp();
    app.register(note);
    await app.work();
    const statements = ['BEGIN', 'SELECT', 'DELETE', 'COMMIT'];
    for (const when of ['before', 'after'] as const) {
      for (const statement of statements) {
        const name = `${when} ${statement}`;
        await transact(db.database, (tx) => enqueueInTransaction(tx, note(name)));
        const failing = new OutboxRelay({
          app,
          database: {
            connect: async () => cutAt(await db.database.connect(), statement, when),
          },
          logger: silent,
        });
        expect(await refusalOf(() => failing.relay())).toBeDefined();
        await new OutboxRelay({ app, database: db.database, logger: silent }).relay();
        await until(() => runs.includes(name));
        expect(await rows()).toBe(0);
      }
    }
    expect(runs).toHaveLength(2 * statements.length);
  });
});

/** The client, whose connection is cut before or after its first statement that begins so. */
function cutAt(client: pg.PoolClient, statement: string, when: 'before' | 'after') {
  const cut = (): void => {
    (
      client as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy();
  };
  return {
    on: (event: 'error', listener: (error: Error) => void) => client.on(event, listener),
    off: (event: 'error', listener: (error: Error) => void) => client.off(event, listener),
    release: (broken?: boolean | Error) => client.release(broken),
    query: async (text: string, params: unknown[] = []) => {
      const isIt = text.trim().startsWith(statement);
      if (isIt && when === 'before') cut();
      const answer = await client.query(text, params);
      if (isIt && when === 'after') {
        cut();
        throw new Error('the answer is lost');
      }
      return answer;
    },
  };
}

import { type Bulletproof, defineJob } from '@bulletproof/core';
import { uniquePrefix, until } from '@bulletproof/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { transact } from '../src/database.js';
import {
  enqueueInTransaction,
  migrate,
  OutboxRelay,
  type OutboxRelayOptions,
  type Queryable,
} from '../src/index.js';
import { apps, silent } from './apps.js';
import { KINDS, type TestDatabase } from './databases.js';
import { refusalOf } from './refusal.js';

const newApp = apps();

/** A job that notes the orders it ran for. */
function mailing() {
  const sent: string[] = [];
  const mail = defineJob({ name: 'mail' }, (input: { order: string }): void => {
    sent.push(input.order);
  });
  const prefix = uniquePrefix('pg');
  const app = newApp({ prefix });
  app.register(mail);
  return { sent, mail, app, prefix };
}

describe.each(KINDS)('the outbox on %s', (_kind, open) => {
  let db: TestDatabase;
  let relays: OutboxRelay[] = [];

  beforeAll(async () => {
    db = await open();
    await migrate(db.database);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.close()));
    relays = [];
    await db.session.query('TRUNCATE bulletproof_outbox');
  });
  afterAll(() => db.close());

  const relayFor = (app: Bulletproof, options: Partial<OutboxRelayOptions> = {}): OutboxRelay => {
    const relay = new OutboxRelay({ app, database: db.database, logger: silent, ...options });
    relays.push(relay);
    return relay;
  };
  const rows = async (): Promise<number> =>
    (await db.session.query('SELECT 1 FROM bulletproof_outbox')).rows.length;

  it('relays what was committed and nothing else, as soon as it is', async () => {
    const { app, mail, sent } = mailing();
    await app.work();
    const relay = relayFor(app, { pollEvery: '1h' }).start();
    await until(async () => relay.totals.batches === 0 && (await rows()) === 0);
    const { id } = await transact(db.database, (tx) =>
      enqueueInTransaction(tx, mail({ order: 'committed' })),
    );
    await transact(db.database, async (tx) => {
      await enqueueInTransaction(tx, mail({ order: 'rolled back' }));
      throw new Error('no');
    }).catch(() => {});
    await until(async () => (await app.call(id).status()).state === 'completed');
    expect(sent).toEqual(['committed']);
    await until(() => relay.totals.batches === 1); // the job may have ended before the row was forgotten
    expect(await rows()).toBe(0);
    expect(relay.totals).toMatchObject({ enqueued: 1, deduplicated: 0, refused: 0 });
  });

  it('relays what was committed before it came', async () => {
    const { app, mail, sent } = mailing();
    await transact(db.database, async (tx) => {
      for (const order of ['1', '2', '3']) await enqueueInTransaction(tx, mail({ order }));
    });
    await app.work();
    relayFor(app).start();
    await until(() => sent.length === 3);
    await until(async () => (await rows()) === 0);
  });

  it('enqueues a call once that was relayed and not forgotten', async () => {
    const { app, mail, sent } = mailing();
    const { id } = await transact(db.database, (tx) =>
      enqueueInTransaction(tx, mail({ order: 'once' })),
    );
    // A relay that dies between its enqueue and its commit.
    const dies = await refusalOf(() =>
      transact(db.database, async (tx) => {
        const { rows: kept } = await tx.query('SELECT call FROM bulletproof_outbox FOR UPDATE');
        const [{ call } = { call: '' }] = kept as { call: string }[];
        await app.enqueue(JSON.parse(call));
        throw new Error('killed');
      }),
    );
    expect(dies).toMatchObject({ message: 'killed' });
    await app.work();
    await app.call(id).result();
    expect(await relayFor(app).relay()).toMatchObject({ taken: 1, enqueued: 0, deduplicated: 1 });
    expect(await rows()).toBe(0);
    expect(sent).toEqual(['once']);
  });

  it('keeps its rows while Redis is away', async () => {
    const { mail } = mailing();
    await transact(db.database, (tx) => enqueueInTransaction(tx, mail({ order: 'kept' })));
    const away = newApp({ redis: 'redis://127.0.0.1:1', enqueueTimeout: '100ms' });
    away.register(mail);
    expect(await refusalOf(() => relayFor(away).relay())).toMatchObject({
      code: 'REDIS_UNAVAILABLE',
    });
    expect(await rows()).toBe(1);
  });

  it('relays calls of one ordering key in the order of their commits', async () => {
    const { app, mail, sent } = mailing();
    const inOrder = { orderingKey: 'customer 7' };
    const orders = Array.from({ length: 12 }, (_, n) => String(n));
    for (const order of orders) {
      await transact(db.database, (tx) => enqueueInTransaction(tx, mail({ order }), inOrder));
    }
    const relay = relayFor(app);
    let batches = 0;
    for (; (await relay.relay()).taken > 0; batches += 1);
    expect(batches).toBe(12);
    await app.work({ queues: { default: 1 } });
    await until(() => sent.length === 12);
    expect(sent).toEqual(orders);
  });

  it('keeps a call that the app refuses, with the reason, and goes on with the others', async () => {
    const { app, mail, sent } = mailing();
    const taken = { idempotencyKey: 'k' };
    await app.enqueue(mail({ order: 'first' }, taken));
    await transact(db.database, async (tx) => {
      await enqueueInTransaction(tx, mail({ order: 'another' }, taken));
      await enqueueInTransaction(tx, mail({ order: 'fine' }));
    });
    expect(await relayFor(app).relay()).toMatchObject({
      taken: 2,
      enqueued: 1,
      refused: [{ error: { code: 'IDEMPOTENCY_CONFLICT' } }],
    });
    expect(await relayFor(app).relay()).toMatchObject({ taken: 0 });
    const { rows: kept } = await db.session.query('SELECT refusal FROM bulletproof_outbox');
    expect(kept).toEqual([
      { refusal: expect.stringContaining("The key 'k' of 'mail' belongs to") },
    ]);
    await app.work();
    await until(() => sent.length === 2);
  });

  it('knows a job by its reference in a process that does not run it', async () => {
    const { app: worker, sent, prefix } = mailing();
    await worker.work();
    const contract = defineJob<{ order: string }>({ name: 'mail' });
    const app = newApp({ prefix });
    await transact(db.database, (tx) => enqueueInTransaction(tx, contract({ order: 'k' })));
    expect(await relayFor(app, { jobs: [contract] }).relay()).toMatchObject({ enqueued: 1 });
    await until(() => sent.includes('k'));
  });

  it('keeps a row that is no call, and goes on with the others', async () => {
    const { app, mail, sent } = mailing();
    await app.work();
    await transact(db.database, async (tx) => {
      await tx.query(`INSERT INTO bulletproof_outbox (call_id, call) VALUES ('odd', '{"job":')`);
      await enqueueInTransaction(tx, mail({ order: 'even' }));
    });
    const relayed = await relayFor(app).relay();
    expect(relayed).toMatchObject({ taken: 2, enqueued: 1, refused: [{ id: 'odd' }] });
    await until(() => sent.includes('even'));
    expect(await rows()).toBe(1);
  });

  it('lets a call wait whose job the app does not know yet', async () => {
    const { app, mail } = mailing();
    const later = defineJob({ name: 'later' }, (_input: number): void => {});
    await transact(db.database, async (tx) => {
      await enqueueInTransaction(tx, later(1));
      await enqueueInTransaction(tx, mail({ order: 'known' }));
    });
    const relay = relayFor(app);
    expect(await relay.relay()).toMatchObject({
      enqueued: 1,
      postponed: [{ error: { code: 'UNKNOWN_JOB' } }],
    });
    expect(await relay.relay()).toMatchObject({ taken: 0 });
    app.register(later);
    await db.session.query('UPDATE bulletproof_outbox SET retry_at = now()');
    expect(await relay.relay()).toMatchObject({ taken: 1, enqueued: 1 });
  });

  it('counts delay and expiry from the enqueue, not from the relay', async () => {
    const { app, mail } = mailing();
    const [delayed, expired] = await transact(db.database, async (tx) => [
      await enqueueInTransaction(tx, mail({ order: 'delayed' }, { delay: '1h' })),
      await enqueueInTransaction(tx, mail({ order: 'expired' }, { expiresAfter: '1m' })),
    ]);
    await db.session.query(`UPDATE bulletproof_outbox SET created_at = now() - interval '30 min'`);
    const before = Date.now();
    await relayFor(app).relay();
    const worker = await app.work();
    expect(await refusalOf(() => app.call(expired?.id ?? '').result())).toMatchObject({
      cause: { code: 'JOB_EXPIRED' },
    });
    expect((await app.call(delayed?.id ?? '').status()).state).toBe('delayed');
    expect(Date.now() - before).toBeLessThan(3_600_000);
    await worker.close();
    await app.call(delayed?.id ?? '').cancel();
  });

  it('refuses a bad call before anything is written', async () => {
    const strict = defineJob(
      { name: 'strict', input: z.object({ order: z.string() }) },
      (): void => {},
    );
    const { mail } = mailing();
    const bad: readonly (readonly [string, (tx: Queryable) => Promise<unknown>])[] = [
      ['INVALID_INPUT', (tx) => enqueueInTransaction(tx, strict({ order: 1 } as never))],
      ['NOT_JSON', async (tx) => enqueueInTransaction(tx, mail({ order: 1n } as never))],
      ['PAYLOAD_TOO_LARGE', (tx) => enqueueInTransaction(tx, mail({ order: 'x'.repeat(2 ** 20) }))],
      ['INVALID_OPTION', (tx) => enqueueInTransaction(tx, { job: '' } as never)],
      [
        'INVALID_OPTION',
        (tx) => enqueueInTransaction(tx, mail({ order: '' }), { orderingKey: '' }),
      ],
      [
        'INVALID_OPTION',
        (tx) => enqueueInTransaction(tx, mail({ order: '' }), { order: '' } as never),
      ],
      ['INVALID_OPTION', () => enqueueInTransaction({} as Queryable, mail({ order: '' }))],
    ];
    await transact(db.database, async (tx) => {
      for (const [code, enqueue] of bad) {
        expect(await refusalOf(() => enqueue(tx))).toMatchObject({ code });
      }
    });
    expect(await rows()).toBe(0);
  });

  it('refuses to enqueue without a transaction', async () => {
    const { mail } = mailing();
    const outside = () => enqueueInTransaction(db.session, mail({ order: 'x' }));
    expect(await refusalOf(outside)).toMatchObject({ code: 'TRANSACTION_CLOSED' });
    expect(await rows()).toBe(0);
  });

  it('refuses options that mean nothing', () => {
    const { app } = mailing();
    const options = { app, database: db.database };
    for (const bad of [
      { ...options, batch: 0 },
      { ...options, jobs: ['mail'] },
      { ...options, pollEvery: 'soon' },
      { ...options, app: {} },
      { ...options, database: {} },
      { ...options, logger: 1 },
      { ...options, parallel: 2 },
    ]) {
      expect(() => new OutboxRelay(bad as never)).toThrow(/^OutboxRelay\./);
    }
  });
});

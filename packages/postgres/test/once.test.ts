import { defineJob, type JobContext } from '@bulletproof/core';
import { until } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transact } from '../src/database.js';
import {
  enqueueInTransaction,
  migrate,
  onceInTransaction,
  pruneSteps,
  type Queryable,
} from '../src/index.js';
import { apps } from './apps.js';
import { KINDS, serverDatabase, type TestDatabase } from './databases.js';
import { refusalOf } from './refusal.js';

const newApp = apps();

/** As much of a context as is looked at without a key. */
function run(id: string, fencingToken: number): JobContext {
  return { id, name: 'pay', fencingToken, idempotencyKey: undefined } as unknown as JobContext;
}

describe.each(KINDS)('onceInTransaction on %s', (_kind, open) => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await open();
    await migrate(db.database);
    await db.session.query('CREATE TABLE charges (id bigserial PRIMARY KEY, order_id text)');
  }, 60_000);
  afterAll(() => db.close());

  const charge = (tx: Queryable, order: string) =>
    tx.query('INSERT INTO charges (order_id) VALUES ($1)', [order]);
  const charged = async (order: string): Promise<number> => {
    const { rows } = await db.session.query('SELECT 1 FROM charges WHERE order_id = $1', [order]);
    return rows.length;
  };

  it('does it once a call, and gives later runs the recorded result', async () => {
    const results: unknown[] = [];
    for (const token of [1, 2, 3]) {
      const result = await transact(db.database, (tx) =>
        onceInTransaction(tx, run('a', token), 'charge', async () => {
          await charge(tx, 'a');
          return { at: new Date(0), token };
        }),
      );
      results.push(result);
    }
    const first = { at: '1970-01-01T00:00:00.000Z', token: 1 };
    expect(results).toEqual([first, first, first]);
    expect(await charged('a')).toBe(1);
  });

  it('tells undefined, null and texts apart', async () => {
    const values = [undefined, null, '', 'null', 0, '\u0000', [undefined]];
    for (const [at, value] of values.entries()) {
      const once = () =>
        transact(db.database, (tx) =>
          onceInTransaction(tx, run('values', 1), `value ${at}`, () => value),
        );
      const first = await once();
      expect(first).toEqual(Array.isArray(value) ? [null] : value);
      expect(await once()).toEqual(first);
    }
  });

  it('records nothing when the transaction is rolled back', async () => {
    const failed = transact(db.database, async (tx) => {
      await onceInTransaction(tx, run('b', 1), 'charge', () => charge(tx, 'b'));
      throw new Error('after the effect');
    });
    await expect(failed).rejects.toThrow('after the effect');
    expect(await charged('b')).toBe(0);
    await transact(db.database, (tx) =>
      onceInTransaction(tx, run('b', 2), 'charge', () => charge(tx, 'b').then(() => true)),
    );
    expect(await charged('b')).toBe(1);
  });

  it('refuses a run that a newer one has overtaken', async () => {
    await transact(db.database, (tx) => onceInTransaction(tx, run('c', 8), 'first', () => 1));
    const late = transact(db.database, (tx) =>
      onceInTransaction(tx, run('c', 7), 'second', () => charge(tx, 'c')),
    );
    expect(await refusalOf(() => late)).toMatchObject({ code: 'LEASE_LOST', job: 'pay', id: 'c' });
    expect(await charged('c')).toBe(0);
  });

  it('refuses to work without a transaction, before and after the effect', async () => {
    const closed = { code: 'TRANSACTION_CLOSED' };
    const outside = () =>
      onceInTransaction(db.session, run('d', 1), 'x', () => charge(db.session, 'd'));
    expect(await refusalOf(outside)).toMatchObject(closed);
    expect(await charged('d')).toBe(0);
    let kept: Queryable | undefined;
    await transact(db.database, async (tx) => {
      kept = tx;
    });
    const late = () => onceInTransaction(kept as Queryable, run('d', 1), 'x', () => 1);
    expect(await refusalOf(late)).toMatchObject(closed);
    const { rows } = await db.session.query(`SELECT 1 FROM bulletproof_calls WHERE id = 'd'`);
    expect(rows).toEqual([]);
  });

  it('takes an enqueue and another step inside of it', async () => {
    const mail = defineJob({ name: 'mail' }, (_order: string): void => {});
    const once = () =>
      transact(db.database, (tx) =>
        onceInTransaction(tx, run('inside', 1), 'outer', async () => {
          const { id } = await enqueueInTransaction(tx, mail('inside'));
          await onceInTransaction(tx, run('inside', 1), 'inner', () => charge(tx, 'inside'));
          return id;
        }),
      );
    const id = await once();
    expect(await once()).toBe(id);
    const { rows } = await db.session.query('DELETE FROM bulletproof_outbox RETURNING call_id');
    expect(rows).toEqual([{ call_id: id }]);
    expect(await charged('inside')).toBe(1);
  });

  it('refuses an effect that ended the transaction, also when it began another one', async () => {
    const work = async (tx: Queryable) =>
      onceInTransaction(tx, run('ended', 1), 'x', async () => {
        await tx.query('COMMIT');
        await tx.query('BEGIN');
        await enqueueInTransaction(tx, defineJob({ name: 'mail' }, () => {})());
        return true;
      });
    const asked = transact(db.database, work);
    expect(await refusalOf(() => asked)).toMatchObject({ code: 'TRANSACTION_CLOSED' });
    const { rows } = await db.session.query('SELECT 1 FROM bulletproof_outbox');
    expect(rows).toEqual([]);
  });

  it('refuses a result that is no JSON, and bad arguments', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const asked = transact(db.database, (tx) =>
      onceInTransaction(tx, run('e', 1), 'x', () => circular),
    );
    expect(await refusalOf(() => asked)).toMatchObject({ code: 'RESULT_NOT_STORABLE', step: 'x' });
    const bad = { code: 'INVALID_OPTION' };
    const nothing = {} as Queryable;
    expect(
      await refusalOf(() => onceInTransaction(nothing, run('e', 1), 'x', () => 1)),
    ).toMatchObject(bad);
    expect(
      await refusalOf(() => onceInTransaction(db.session, run('e', 1), '', () => 1)),
    ).toMatchObject(bad);
  });

  it('forgets what is old, and nothing else', async () => {
    await db.session.query(
      `UPDATE bulletproof_calls SET touched_at = now() - interval '61 days' WHERE id = 'a'`,
    );
    expect(await pruneSteps(db.session)).toBe(1);
    expect(await pruneSteps(db.session, { olderThan: '1d' })).toBe(0);
    const { rows } = await db.session.query('SELECT DISTINCT call_id FROM bulletproof_steps');
    expect(rows).not.toContainEqual({ call_id: 'a' });
    expect(rows).toContainEqual({ call_id: 'b' });
  });

  it('of a job: an attempt that fails after the commit does not repeat the effect', async () => {
    const pay = defineJob(
      { name: 'pay', attempts: 3, backoff: { delay: 1 } },
      async (input: { order: string }, job) => {
        await transact(db.database, (tx) =>
          onceInTransaction(tx, job, 'charge', () => charge(tx, input.order).then(() => true)),
        );
        if (job.attempt < 3) throw new Error('the mail server is away');
        return 'paid';
      },
    );
    const app = newApp();
    app.register(pay);
    await app.work();
    const handle = await app.enqueue(pay({ order: 'g' }, { idempotencyKey: 'g' }));
    await expect(handle.result()).resolves.toBe('paid');
    expect(await charged('g')).toBe(1);
  });

  it('a call that follows a dead one under its key inherits what that one did', async () => {
    let works = false;
    const pay = defineJob(
      { name: 'pay', attempts: 1, idempotencyKey: (input: { order: string }) => input.order },
      async (input: { order: string }, job): Promise<string> => {
        const by = await transact(db.database, (tx) =>
          onceInTransaction(tx, job, 'charge', () => charge(tx, input.order).then(() => job.id)),
        );
        if (!works) throw new Error('no');
        return by;
      },
    );
    const app = newApp();
    app.register(pay);
    await app.work();
    const dead = await app.enqueue(pay({ order: 'h' }));
    expect(await refusalOf(() => dead.result())).toMatchObject({ code: 'JOB_FAILED' });
    works = true;
    const next = await app.enqueue(pay({ order: 'h' }));
    expect(next.id).not.toBe(dead.id);
    await expect(next.result()).resolves.toBe(dead.id);
    expect(await charged('h')).toBe(1);
  });
});

describe('two runs of a call at once', () => {
  let db: Awaited<ReturnType<typeof serverDatabase>>;

  beforeAll(async () => {
    db = await serverDatabase();
    await migrate(db.database);
    await db.database.query('CREATE TABLE charges (order_id text)');
  }, 60_000);
  afterAll(() => db.close());

  const waiting = async (): Promise<boolean> => {
    const { rows } = await db.database.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  };

  it.each(['COMMIT', 'ROLLBACK'])(
    'take turns: the second waits for the %s of the first and the effect happens once',
    async (end) => {
      const effect = (tx: Queryable) => async () => {
        await tx.query('INSERT INTO charges VALUES ($1)', [end]);
        return true;
      };
      const first = await db.database.connect();
      await first.query('BEGIN');
      await onceInTransaction(first, run(end, 1), 'charge', effect(first));
      const second = transact(db.database, (tx) =>
        onceInTransaction(tx, run(end, 2), 'charge', effect(tx)),
      );
      await until(waiting);
      await first.query(end);
      first.release();
      await second;
      const { rows } = await db.database.query('SELECT 1 FROM charges WHERE order_id = $1', [end]);
      expect(rows).toHaveLength(1);
    },
  );

  it('are refused where the migration is missing', async () => {
    const bare = await serverDatabase();
    const once = () =>
      transact(bare.database, (tx) => onceInTransaction(tx, run('x', 1), 'x', () => 1));
    expect(await refusalOf(once)).toMatchObject({ code: 'MISSING_MIGRATION' });
    await bare.close();
  });
});

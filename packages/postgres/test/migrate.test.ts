import { defineJob } from '@bulletproof/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transact } from '../src/database.js';
import { enqueueInTransaction, migrate, migrations, pruneSteps } from '../src/index.js';
import { KINDS, type TestDatabase } from './databases.js';
import { refusalOf } from './refusal.js';

describe.each(KINDS)('migrate on %s', (_kind, open) => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await open();
  }, 60_000);
  afterAll(() => db.close());

  it('is asked for by name where it is missing', async () => {
    const note = defineJob({ name: 'note' }, (_n: number): void => {});
    const missing = { code: 'MISSING_MIGRATION' };
    const enqueue = () => transact(db.database, (tx) => enqueueInTransaction(tx, note(1)));
    expect(await refusalOf(enqueue)).toMatchObject(missing);
    expect(await refusalOf(() => pruneSteps(db.session))).toMatchObject(missing);
  });

  it('applies each migration once, also when several processes do it at once', async () => {
    const all = (await migrations()).map(({ name }) => name);
    const applied = await Promise.all([1, 2, 3].map(() => migrate(db.database)));
    expect(applied.flat()).toEqual(all);
    expect(await migrate(db.database)).toEqual([]);
  });

  it('gives its files to a user who has a tool of their own', async () => {
    for (const { name, sql } of await migrations()) {
      expect(name).toMatch(/^\d{4}_[a-z_]+\.sql$/);
      expect(sql).toContain('bulletproof_');
    }
  });

  it('takes a pool or a PGlite', async () => {
    expect(await refusalOf(() => migrate({} as never))).toMatchObject({
      code: 'INVALID_OPTION',
      option: 'migrate database',
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { migrate, stockCatalogue } from '../../src/database/migrate.js';
import { FILMS, type TestDatabase, testDatabase } from '../servers/test-database.js';

describe('the database', () => {
  let data: TestDatabase;

  beforeAll(async () => {
    data = await testDatabase();
  });

  afterAll(() => data.drop());

  it('leaves nothing when the work of a transaction throws, and lends its connection again', async () => {
    const failing = data.db.transaction(async (tx) => {
      await tx.query("UPDATE stock SET units = 0 WHERE film_id = 'film-few'");
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    expect(await data.unitsOf('film-few')).toBe(3);
    expect(await data.db.transaction((tx) => tx.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  it('stays in its schema on every connection, also when the address says another', async () => {
    const url = `${data.url}?options=-c%20search_path%3Dpublic`;
    const db = new Database(url, data.schema, 5);
    try {
      const paths = await Promise.all(
        Array.from({ length: 5 }, () =>
          db.query<{ search_path: string }>(
            'SELECT pg_sleep(0.02), current_schema() AS search_path',
          ),
        ),
      );
      expect(new Set(paths.flat().map((row) => row.search_path))).toEqual(new Set([data.schema]));
    } finally {
      await db.close();
    }
  });

  it.each(['', 'Orders', 'a; DROP SCHEMA public', 'x'.repeat(64)])(
    'refuses the schema name %j',
    (name) => {
      expect(() => new Database(data.url, name)).toThrow(/schema name/);
    },
  );

  it('migrates once, however many processes start together', async () => {
    const others = [1, 2, 3].map(() => new Database(data.url, `${data.schema}_b`, 1));
    try {
      const applied = await Promise.all(others.map((db) => migrate(db)));
      expect(applied.flat()).toEqual(['bulletproof/0001_steps_and_outbox.sql', '001_orders.sql']);
    } finally {
      await others[0]?.query(`DROP SCHEMA ${data.schema}_b CASCADE`);
      await Promise.all(others.map((db) => db.close()));
    }
  });

  it('puts films on sale once and keeps what was sold', async () => {
    await data.db.query("UPDATE stock SET units = 998 WHERE film_id = 'film-many'");
    await stockCatalogue(data.db, FILMS);
    expect(await data.unitsOf('film-many')).toBe(998);
  });
});

import { commandsDuring, type OwnRedis, ownRedis } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  InvalidOptionError,
  openRedis,
  type RedisConnection,
  ScriptError,
  ScriptRunner,
} from '../../src/index.js';
import { breakDown, countUp, echo } from '../lua/scripts.generated.js';

let server: OwnRedis;
let connection: RedisConnection;
let runner: ScriptRunner;
let keys = 0;

beforeAll(async () => {
  server = await ownRedis();
  connection = openRedis(server.url, { name: 'kernel-test' });
  runner = new ScriptRunner(connection.port);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

// ioredis 6 reads the last few dozen integers below 2^53 inexactly.
const LARGE = Number.MAX_SAFE_INTEGER - 99;

function freshKey(): string {
  keys += 1;
  return `runner-test:${keys}`;
}

describe('ScriptRunner', () => {
  it('takes typed arguments to the script and typed replies back', async () => {
    const full = await runner.run(echo, {
      keys: { second: 'b', first: 'a' },
      args: { text: '', whole: LARGE, real: 0.1, note: 'n\u0000ö😀', size: -1 },
    });
    const whole: number = full.whole;
    const note: string | undefined = full.note;
    expect(whole).toBe(LARGE);
    expect(note).toBe('n\u0000ö😀');
    expect(full).toEqual({
      tag: 'echoed',
      keys: ['a', 'b'],
      text: '',
      whole,
      real: 0.1,
      note,
      size: -1,
      kinds: ['string', 'number', 'number', 'string', 'number'],
    });
  });

  it('gives the script nil for what is left out, and the caller undefined for what is missing', async () => {
    const bare = await runner.run(echo, {
      keys: { first: 'a', second: 'b' },
      args: { text: 'x', whole: 0, real: -1e300 },
    });
    expect(bare).toMatchObject({ real: -1e300, note: undefined, size: undefined });
    expect(bare.kinds).toEqual(['string', 'number', 'number', 'nil', 'nil']);
  });

  it('uses the clock of the server, or the time it is given', async () => {
    const counter = freshKey();
    const given = await runner.run(countUp, { keys: { counter }, args: { by: 1, nowMs: 5 } });
    expect(given).toEqual({ tag: 'counted', count: 1, atMs: 5, atUs: 5_000 });
    const real = await runner.run(countUp, { keys: { counter }, args: { by: 1 } });
    if (real.tag !== 'counted') throw new Error(real.tag);
    const [seconds, micros] = await server.client.time();
    const nowUs = Number(seconds) * 1_000_000 + Number(micros);
    expect(nowUs - real.atUs).toBeGreaterThanOrEqual(0);
    expect(nowUs - real.atUs).toBeLessThan(5_000_000);
    expect(Math.abs(real.atUs / 1_000 - real.atMs)).toBeLessThan(1_000);
  });

  it('sends the calls of one tick as one command and answers each its own', async () => {
    const counter = freshKey();
    await runner.run(countUp, { keys: { counter }, args: { by: 0 } });
    let counts: unknown;
    const commands = await commandsDuring(server.client, async () => {
      const replies = await Promise.all(
        Array.from({ length: 30 }, () =>
          runner.run(countUp, { keys: { counter }, args: { by: 1 } }),
        ),
      );
      counts = replies.map(({ count }) => count);
    });
    expect(counts).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(commands.evalsha).toBe(1);
    expect(commands.incrby).toBe(30);
    expect(commands.eval).toBeUndefined();
  });

  it('batches by script and cuts at maxBatch', async () => {
    const small = new ScriptRunner(connection.port, { maxBatch: 10 });
    const counter = freshKey();
    const commands = await commandsDuring(server.client, () =>
      Promise.all([
        ...Array.from({ length: 25 }, () =>
          small.run(countUp, { keys: { counter }, args: { by: 1 } }),
        ),
        small.run(echo, {
          keys: { first: 'a', second: 'b' },
          args: { text: '', whole: 1, real: 1 },
        }),
      ]),
    );
    expect(commands.evalsha).toBe(4);
    expect(await server.client.get(counter)).toBe('25');
  });

  it('does not gather large arguments', async () => {
    const text = 'x'.repeat(400_000);
    const args = { text, whole: 1, real: 1 };
    const commands = await commandsDuring(server.client, () =>
      Promise.all(
        Array.from({ length: 6 }, () =>
          runner.run(echo, { keys: { first: 'a', second: 'b' }, args }),
        ),
      ),
    );
    expect(commands.evalsha).toBe(2);
  });

  it('sends the source once when the server has forgotten its scripts', async () => {
    await server.client.script('FLUSH');
    const counter = freshKey();
    const run = () => runner.run(countUp, { keys: { counter }, args: { by: 1 } });
    const commands = await commandsDuring(server.client, async () => {
      expect((await run()).count).toBe(1);
      expect((await run()).count).toBe(2);
    });
    expect(commands).toMatchObject({ eval: 1, evalsha: 2 });
  });

  it('works again after the server was killed and restarted', async () => {
    const own = await ownRedis();
    const link = openRedis(own.url, { name: 'kernel-test' });
    const restarted = new ScriptRunner(link.port);
    try {
      const args = { by: 1 };
      await restarted.run(countUp, { keys: { counter: 'c' }, args });
      await own.kill();
      await own.restart();
      expect(await restarted.run(countUp, { keys: { counter: 'c' }, args })).toMatchObject({
        count: 1,
      });
    } finally {
      await link.close();
      await own.stop();
    }
  });

  it('lets one failing call fail alone', async () => {
    const trace = freshKey();
    const ways = ['fine', 'lua', 'fine', 'command', 'silent', 'fine'];
    const settled = await Promise.allSettled(
      ways.map((way) => runner.run(breakDown, { keys: { trace }, args: { way } })),
    );
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(await server.client.lrange(trace, 0, -1)).toEqual(ways);
  });

  it.each([
    ['lua', 'break_down.lua:12', /attempt to index local 'nothing' \(a nil value\)$/],
    ['command', 'break_down.lua:14', /: WRONGTYPE Operation against a key/],
    ['fragment', 'fail_inside.lua:3', /: WRONGTYPE Operation against a key/],
    ['thrown', 'break_down.lua:18', /: thrown on purpose$/],
    ['thrown table', 'break_down.lua:20', /: CUSTOM thrown table$/],
    ['global', 'break_down.lua:22', /undeclared|readonly table/],
    ['silent', undefined, /: ended without a reply$/],
    ['odd', undefined, /answered "not a number" for number, declared as integer$/],
  ])('names the line of a failure (%s)', async (way, line, reason) => {
    const failing = runner.run(breakDown, { keys: { trace: freshKey() }, args: { way } });
    const error = await failing.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ScriptError);
    expect(error).toMatchObject({ code: 'SCRIPT_FAILED', script: 'break_down', line });
    expect((error as ScriptError).message).toMatch(reason);
    expect((error as ScriptError).message).toMatch(
      line === undefined ? /^Script break_down failed: / : `Script break_down failed at ${line}: `,
    );
  });

  it('refuses a call that does not fit the declaration, without harming its batch', async () => {
    const first = 'a';
    const good = () =>
      runner.run(echo, { keys: { first, second: 'b' }, args: { text: 't', whole: 1, real: 1 } });
    const wrong = [
      runner.run(echo, { keys: { first } as never, args: { text: 't', whole: 1, real: 1 } }),
      runner.run(echo, { keys: { first, second: 'b' }, args: { text: 't', whole: 1.5, real: 1 } }),
      runner.run(echo, {
        keys: { first, second: 'b' },
        args: { text: 't', whole: 1, real: Number.NaN },
      }),
      runner.run(echo, {
        keys: { first, second: 'b' },
        args: { text: 5 as never, whole: 1, real: 1 },
      }),
      runner.run(echo, {
        keys: { first, second: 'b' },
        args: { text: 't', whole: null as never, real: 1 },
      }),
    ];
    const before = good();
    const settled = await Promise.allSettled([before, ...wrong, good()]);
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      ...wrong.map(() => 'rejected'),
      'fulfilled',
    ]);
    await expect(wrong[1]).rejects.toThrow('argument whole: expected integer, got 1.5');
    await expect(wrong[0]).rejects.toThrow('key second: expected text, got undefined');
  });

  it('refuses a meaningless maxBatch', () => {
    expect(() => new ScriptRunner(connection.port, { maxBatch: 0 })).toThrow(InvalidOptionError);
    expect(() => new ScriptRunner(connection.port, { maxBach: 5 } as never)).toThrow('maxBatch');
  });

  it('does not compile with wrong names', async () => {
    const typed = () => {
      // @ts-expect-error there is no such key
      void runner.run(countUp, { keys: { wrong: 'x' }, args: { by: 1 } });
      // @ts-expect-error an argument is missing
      void runner.run(countUp, { keys: { counter: 'x' }, args: {} });
      // @ts-expect-error an argument is unknown
      void runner.run(countUp, { keys: { counter: 'x' }, args: { by: 1, extra: 1 } });
    };
    expect(typed).toBeInstanceOf(Function);
  });
});

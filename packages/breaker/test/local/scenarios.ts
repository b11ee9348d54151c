import { type AnyBreaker, pass, rotator, type Scenario, type Trace } from './trace.js';

const good = async (value?: unknown): Promise<unknown> => value;
const bad = async (text = 'no'): Promise<never> => {
  throw new Error(text);
};
/** Ends after that many milliseconds. */
const slow = (ms: number): Promise<string> => after(ms);
function after(ms: number): Promise<string> {
  return new Promise((resolve) => {
    globalThis.setTimeout(() => resolve('late'), ms);
  });
}

async function fail(trace: Trace, breaker: AnyBreaker, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await trace.call(breaker, breaker.fire());
}

const scenario = (title: string, play: Scenario['play']): Scenario => ({ title, play });

/** The life of a breaker, as plain opossum and ours must both live it. */
export const SCENARIOS: readonly Scenario[] = [
  scenario('defaults', async (make, trace) => {
    const b = trace.watch(make(good));
    const { errorFilter, cacheGetKey, ...options } = b.options;
    trace.say(JSON.stringify(options));
    trace.say(
      `${typeof errorFilter} ${cacheGetKey(1, 'a')} ${b.name} ${b.group} ${b.volumeThreshold}`,
    );
    trace.say(JSON.stringify(b.stats));
    b.shutdown();
  }),
  scenario('success, with arguments and context', async (make, trace) => {
    const b = trace.watch(make(good, { name: 'n', group: 'g' }));
    await trace.call(b, b.fire(1, { a: 2 }));
    const c = trace.watch(
      make(async function (this: { x: number }, y: number) {
        return this.x + y;
      }),
    );
    await trace.call(c, c.call({ x: 4 }, 5));
    trace.say(JSON.stringify(b.toJSON().status));
  }),
  scenario('opens at a failure, rejects, is half-open, closes', async (make, trace) => {
    let ok = false;
    const b = trace.watch(
      make(async () => (ok ? 'fine' : bad()), { resetTimeout: 1_000, timeout: 100 }),
    );
    await fail(trace, b, 3);
    await pass(999);
    await trace.call(b, b.fire());
    await pass(1);
    const probe = b.fire();
    await trace.call(b, b.fire());
    await trace.call(b, probe);
    ok = true;
    await pass(1_000);
    await Promise.all([trace.call(b, b.fire()), trace.call(b, b.fire())]);
    await trace.call(b, b.fire());
    trace.say(JSON.stringify(b.stats));
  }),
  scenario('threshold and volume', async (make, trace) => {
    let n = 0;
    const action = async () => {
      n += 1;
      return n % 2 ? bad() : 'even';
    };
    const b = trace.watch(make(action, { volumeThreshold: 6, errorThresholdPercentage: 50 }));
    await fail(trace, b, 9);
    trace.say(JSON.stringify(b.stats));
  }),
  scenario('exactly at the threshold it stays closed', async (make, trace) => {
    let n = 0;
    const action = async () => {
      n += 1;
      return n % 2 ? 'odd' : bad();
    };
    const b = trace.watch(make(action, { errorThresholdPercentage: 50 }));
    await fail(trace, b, 4);
  }),
  scenario('timeouts, with an abort controller', async (make, trace) => {
    const abortController = new AbortController();
    const b = trace.watch(
      make(slow, {
        timeout: 50,
        abortController,
        autoRenewAbortController: true,
        resetTimeout: 200,
      }),
    );
    const call = trace.call(b, b.fire(80));
    await pass(50);
    await call;
    trace.say(`aborted ${b.getSignal().aborted}`);
    await pass(200);
    trace.say(`aborted ${b.getSignal().aborted} ${b.getAbortController() === abortController}`);
  }),
  scenario('no timeout', async (make, trace) => {
    const b = trace.watch(make(slow, { timeout: false }));
    const call = trace.call(b, b.fire(20_000));
    await pass(20_000);
    await call;
  }),
  scenario('fallbacks: function, breaker, throwing', async (make, trace) => {
    const b = trace.watch(make(bad, { resetTimeout: 500 }));
    b.fallback((text: string, error: Error) => `instead of ${text}: ${error.message}`);
    await trace.call(b, b.fire('a'));
    await trace.call(b, b.fire('b'));
    const other = trace.watch(make(good));
    const c = trace.watch(make(bad)).fallback(other);
    await trace.call(c, c.fire('x'));
    const d = trace.watch(make(bad)).fallback(() => {
      throw new Error('worse');
    });
    await trace.call(d, d.fire('y'));
  }),
  scenario('errors that are filtered', async (make, trace) => {
    const b = trace.watch(
      make(bad, {
        errorFilter: (error: Error, text: string) => error.message === text && text === 'ok',
      }),
    );
    await trace.call(b, b.fire('ok'));
    await trace.call(b, b.fire('not'));
    await pass(30_000);
    await trace.call(b, b.fire('ok'));
  }),
  scenario('capacity', async (make, trace) => {
    const b = trace.watch(make(slow, { capacity: 1, timeout: 1_000 }));
    const first = trace.call(b, b.fire(10));
    await trace.call(b, b.fire(10));
    await pass(10);
    await first;
    trace.say(JSON.stringify(b.stats));
  }),
  scenario('cache', async (make, trace) => {
    let n = 0;
    const action = async () => {
      n += 1;
      return n;
    };
    const b = trace.watch(make(action, { cache: true, cacheTTL: 100 }));
    await fail(trace, b, 2);
    await pass(101);
    await fail(trace, b, 1);
    b.open();
    await fail(trace, b, 1);
    b.clearCache();
    await fail(trace, b, 1);
  }),
  scenario('coalescing', async (make, trace) => {
    const b = trace.watch(make(slow, { coalesce: true, coalesceResetOn: ['success', 'error'] }));
    const calls = [b.fire(10), b.fire(10), b.fire(11)].map((call) => trace.call(b, call));
    await pass(11);
    await Promise.all(calls);
    const again = trace.call(b, b.fire(10));
    await pass(10);
    await again;
  }),
  scenario('warm-up', async (make, trace) => {
    const b = trace.watch(make(bad, { allowWarmUp: true, rollingCountTimeout: 1_000 }));
    await fail(trace, b, 2);
    await pass(1_000);
    await fail(trace, b, 1);
  }),
  scenario('open and close by hand, enable and disable', async (make, trace) => {
    const b = trace.watch(make(good, { resetTimeout: 300 }));
    b.open();
    b.open();
    await trace.call(b, b.fire());
    await pass(300);
    b.close();
    b.close();
    b.disable();
    await trace.call(b, b.fire());
    b.enable();
    await trace.call(b, b.fire());
  }),
  scenario('shutdown', async (make, trace) => {
    const b = trace.watch(make(good));
    b.shutdown();
    await trace.call(b, b.fire());
    trace.say(JSON.stringify({ ...b.toJSON().state, lastTimerAt: 0 }));
  }),
  scenario('actions that are no async functions', async (make, trace) => {
    for (const action of [
      () => 5,
      () => undefined,
      () => {
        throw new Error('sync');
      },
      Promise.resolve('promised'),
      'a value',
    ]) {
      const b = trace.watch(make(action, { name: 'x' }));
      await trace.call(b, b.fire());
    }
    try {
      make(undefined);
    } catch (error) {
      trace.say(String(error));
    }
  }),
  scenario('exported and imported state', async (make, trace) => {
    const a = trace.watch(make(bad, { name: 'x' }));
    await fail(trace, a, 1);
    const { state, status } = a.toJSON();
    trace.say(JSON.stringify({ ...state, lastTimerAt: typeof state.lastTimerAt }));
    for (const imported of [
      { ...state, lastTimerAt: undefined },
      { ...state, lastTimerAt: 1 },
      { closed: false, halfOpen: true },
      { enabled: false },
      { shutdown: true },
    ]) {
      const b = trace.watch(make(good, { name: 'x', state: imported, status, resetTimeout: 100 }));
      await trace.call(b, b.fire());
      trace.say(JSON.stringify(b.stats));
      await pass(100);
      await trace.call(b, b.fire());
    }
  }),
  scenario('health checks', async (make, trace) => {
    let ok = true;
    const b = trace.watch(make(good));
    b.healthCheck(async () => (ok ? undefined : bad('ill')), 100);
    await pass(100);
    ok = false;
    await pass(100);
    for (const wrong of [
      [5, 1],
      [good, 'x'],
    ]) {
      try {
        b.healthCheck(...wrong);
      } catch (error) {
        trace.say(String(error));
      }
    }
    b.shutdown();
  }),
  scenario('snapshots, a status of its own, a rotator', async (make, trace) => {
    const controller = rotator();
    const b = trace.watch(
      make(good, { rotateBucketController: controller, rollingCountBuckets: 2 }),
    );
    await fail(trace, b, 2);
    trace.say(`${b.stats.fires} ${b.status.window.length}`);
    controller.emit('rotate');
    controller.emit('rotate');
    trace.say(String(b.stats.fires));
    const c = trace.watch(make(good, { rollingCountTimeout: 100, rollingCountBuckets: 2 }));
    c.status.on('snapshot', (stats: { fires: number }) => trace.say(`snapshot ${stats.fires}`));
    await fail(trace, c, 1);
    await pass(120);
    const status = c.constructor.newStatus({ stats: { failures: 3, fires: 4 } });
    const d = trace.watch(make(bad, { status, volumeThreshold: 5 }));
    await fail(trace, d, 1);
    trace.say(JSON.stringify(d.stats));
  }),
  scenario('results of calls from before the opening', async (make, trace) => {
    const b = trace.watch(make(slow, { resetTimeout: 100, timeout: 1_000 }));
    const late = trace.call(b, b.fire(150));
    b.open();
    await pass(100);
    await pass(50);
    await late;
  }),
];

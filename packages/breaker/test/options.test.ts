import { afterEach, describe, expect, it } from '@jest/globals';
import { CircuitBreaker, type CircuitBreakerOptions, MemoryBreakerStore } from '../src/index.js';

const action = async (): Promise<string> => 'fine';
const made: CircuitBreaker<[], string>[] = [];

afterEach(() => {
  for (const breaker of made.splice(0)) breaker.shutdown();
});

function make(options: object): CircuitBreaker<[], string> {
  const breaker = new CircuitBreaker(action, options as CircuitBreakerOptions);
  made.push(breaker);
  return breaker;
}

const store = new MemoryBreakerStore();
const shared = { name: 'stripe', store };

describe('options are refused with the option that is wrong', () => {
  it.each<[string, object, string]>([
    ['unknown', { tiemout: 3 }, 'CircuitBreaker.tiemout'],
    ['no name', { store }, 'CircuitBreaker.name'],
    ['a name with braces', { store, name: '{stripe}' }, 'CircuitBreaker.name'],
    ['a name with a control character', { store, name: 'a\nb' }, 'CircuitBreaker.name'],
    ['a timeout that is no span', { timeout: '3 seconds' }, 'CircuitBreaker.timeout'],
    ['a negative timeout', { timeout: -1 }, 'CircuitBreaker.timeout'],
    [
      'a reset timeout that a timer cannot do',
      { resetTimeout: 2 ** 31 },
      'CircuitBreaker.resetTimeout',
    ],
    [
      'an endless reset timeout',
      { resetTimeout: Number.POSITIVE_INFINITY },
      'CircuitBreaker.resetTimeout',
    ],
    ['a fleet option without a fleet', { quorum: 2 }, 'CircuitBreaker.quorum'],
    ['a quorum of 0', { ...shared, quorum: 0 }, 'CircuitBreaker.quorum'],
    ['a jitter over 1', { ...shared, resetJitter: 2 }, 'CircuitBreaker.resetJitter'],
    [
      'a cap below the base',
      { ...shared, resetTimeout: 50, maxResetTimeout: 40 },
      'CircuitBreaker.maxResetTimeout',
    ],
    [
      'a lease shorter than a call',
      { ...shared, timeout: '3s', probeLease: '2s' },
      'CircuitBreaker.probeLease',
    ],
    [
      'a slow rate without a limit',
      { ...shared, slowCallRateThreshold: 50 },
      'CircuitBreaker.slowCallRateThreshold',
    ],
    ['a state beside a store', { ...shared, state: { closed: false } }, 'CircuitBreaker.state'],
    ['two stores', { ...shared, redis: 'redis://127.0.0.1:1' }, 'CircuitBreaker.store'],
    [
      'a prefix with braces within',
      { name: 'x', redis: 'redis://127.0.0.1:1', prefix: 'a{b}' },
      'prefix',
    ],
    ['a URL of something else', { name: 'x', redis: 'http://127.0.0.1:1' }, 'redis'],
    ['local thresholds', { ...shared, local: { volume: 3 } }, 'CircuitBreaker.local.volume'],
    ['nothing that is options', 5 as unknown as object, 'CircuitBreaker'],
  ])('%s', (_, options, option) => {
    expect(() => make(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});

describe('a name in a process', () => {
  it('has one configuration, and is free again after the shutdown', () => {
    make(shared);
    make({ ...shared });
    expect(() => make({ ...shared, quorum: 2 })).toThrow(
      expect.objectContaining({ code: 'BREAKER_CONFLICT', breaker: 'stripe' }),
    );
    for (const breaker of made.splice(0)) breaker.shutdown();
    make({ ...shared, quorum: 2 });
  });

  it('is another one in another store', () => {
    make(shared);
    make({ ...shared, store: new MemoryBreakerStore(), quorum: 2 });
  });
});

describe('defaults', () => {
  it('of a shared breaker leave percentiles and snapshots off, which cost much at each failure', () => {
    expect(make(shared).options).toMatchObject({
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
    expect(
      make({ ...shared, rollingPercentilesEnabled: true }).options.rollingPercentilesEnabled,
    ).toBe(true);
    expect(make({}).options).toMatchObject({
      rollingPercentilesEnabled: true,
      enableSnapshots: true,
    });
  });

  it('forcing a local breaker, or without a time or a reason, is refused', async () => {
    const refused = { code: 'INVALID_OPTION' };
    await expect(make({}).forceOpen({ ttl: '1m', reason: 'x' })).rejects.toMatchObject(refused);
    const breaker = make(shared);
    await expect(breaker.forceOpen({ ttl: 0, reason: 'x' })).rejects.toMatchObject(refused);
    await expect(breaker.forceClose({ ttl: '1m', reason: '' })).rejects.toMatchObject(refused);
  });
});

import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import * as client from 'prom-client';
import {
  breakerMetrics,
  CircuitBreaker,
  type CircuitBreakerOptions,
  MemoryBreakerStore,
} from '../src/index.js';

async function opened(options: CircuitBreakerOptions): Promise<CircuitBreaker<unknown[], string>> {
  const breaker = new CircuitBreaker<unknown[], string>(async () => {
    throw new Error('down');
  }, options);
  await breaker.fire().catch(() => {});
  await breaker.fire().catch(() => {});
  return breaker;
}

describe('what can be seen of a breaker', () => {
  it('is logged by pino: what changes, not each call', async () => {
    const lines: { event: string; breaker: string }[] = [];
    const stream = new PassThrough();
    stream.on('data', (line: Buffer) => lines.push(JSON.parse(line.toString())));
    const breaker = await opened({ name: 'mail', logger: pino(stream) });
    breaker.close();
    breaker.shutdown();
    expect(lines).toMatchObject([
      { event: 'breaker.opened', breaker: 'mail', level: 40, scope: 'local' },
      { event: 'breaker.closed', breaker: 'mail', level: 30 },
    ]);
  });

  it('is numbers for Prometheus', async () => {
    const registry = new client.Registry();
    const store = new MemoryBreakerStore();
    const breaker = new CircuitBreaker(async () => 'fine', { name: 'stripe', store });
    const local = await opened({ name: 'mail' });
    breakerMetrics({
      client,
      registers: [registry],
      of: () => [breaker, local] as CircuitBreaker[],
    });
    await breaker.fire();
    await local.fire().catch(() => {});
    const text = await registry.metrics();
    expect(text).toContain('bulletproof_breaker_state{breaker="stripe",state="closed"} 1');
    expect(text).toContain('bulletproof_breaker_state{breaker="mail",state="open"} 1');
    expect(text).toContain('bulletproof_breaker_calls_total{breaker="stripe",outcome="success"} 1');
    expect(text).toContain('bulletproof_breaker_calls_total{breaker="mail",outcome="reject"} 1');
    expect(text).toContain('bulletproof_breaker_store_up{breaker="stripe"} 1');
    expect(text).toContain(
      'bulletproof_breaker_store_operations{breaker="stripe",kind="reports"} 0',
    );
    breaker.shutdown();
    local.shutdown();
  });

  it('is a snapshot of plain JSON data', async () => {
    const breaker = await opened({ name: 'mail', group: 'out', resetTimeout: '30s' });
    const snapshot = breaker.snapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot).toMatchObject({
      name: 'mail',
      group: 'out',
      state: 'open',
      scope: 'local',
      store: 'none',
    });
    expect(snapshot.retryAfterMs).toBeGreaterThan(29_000);
    breaker.shutdown();
    expect(breaker.snapshot().state).toBe('shutdown');
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import {
  breakers,
  type CircuitBreaker,
  configureBreakers,
  MemoryBreakerStore,
} from '../../src/index.js';

/** What each dialect declares, with its own compilation of the decorators. */
export interface GatewayClass {
  new (
    prefix: string,
  ): {
    capture(orderId: string): Promise<string>;
    refund(orderId: string): Promise<string>;
    fails: boolean;
  };
}

/** Refused declarations, as functions that declare. */
export interface Refused {
  readonly conflict: () => unknown;
  readonly braces: () => unknown;
  readonly unknownOption: () => unknown;
  readonly cache: () => unknown;
  readonly field: () => unknown;
  readonly wrongTime: () => unknown;
}

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
    return 'nothing was thrown';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

/** The same for both dialects. */
export function decoratorSuite(dialect: string, Gateway: GatewayClass, refused: Refused): void {
  afterEach(() => breakers.close());

  describe(`@Breaker with ${dialect} decorators`, () => {
    it('runs the method with its instance and arguments, and keeps its name and length', async () => {
      const gateway = new Gateway('x');
      expect(await gateway.capture('42')).toBe('x captured 42');
      expect(Gateway.prototype.capture.name).toBe('capture');
      expect(Gateway.prototype.capture).toHaveLength(1);
    });

    it('shares one breaker among the methods of a name, and all instances', async () => {
      const [one, two] = [new Gateway('x'), new Gateway('y')];
      one.fails = true;
      await expect(one.capture('1')).rejects.toThrow('refused 1');
      await expect(two.refund('2')).rejects.toMatchObject({
        code: 'EOPENBREAKER',
        breaker: 'gateway',
      });
      expect(breakers.all().map(({ name }) => name)).toEqual(['gateway']);
      expect(breakers.snapshot()).toMatchObject([
        { name: 'gateway', state: 'open', store: 'none' },
      ]);
    });

    it('takes its store from configureBreakers, at the first call', async () => {
      const store = new MemoryBreakerStore();
      configureBreakers({ store, defaults: { errorThresholdPercentage: 10 } });
      expect(breakers.all()).toEqual([]);
      const gateway = new Gateway('x');
      await gateway.capture('1');
      const breaker: CircuitBreaker = breakers.get('gateway');
      expect(breaker.options.errorThresholdPercentage).toBe(10);
      expect(breaker.options.timeout).toBe(3_000);
      expect(codeOf(() => configureBreakers({}))).toBe('BREAKERS_IN_USE');
      await breakers.close();
      configureBreakers({});
      await gateway.capture('1');
      expect(breakers.get('gateway').snapshot().store).toBe('none');
    });

    it('moves along what other decorators have left on the method', () => {
      expect(Reflect.get(Gateway.prototype.capture, Symbol.for('test.mark'))).toBe('marked');
    });

    it('refuses what is wrong where it is declared', () => {
      expect(codeOf(refused.conflict)).toBe('BREAKER_CONFLICT');
      for (const wrong of ['braces', 'unknownOption', 'cache', 'field', 'wrongTime'] as const) {
        expect([wrong, codeOf(refused[wrong])]).toEqual([wrong, 'INVALID_OPTION']);
      }
    });
  });
}

/** Leaves a mark on a method, in both dialects. */
export function Mark(...decorated: unknown[]): void {
  const [target, , descriptor] = decorated as [object, unknown, PropertyDescriptor?];
  const method = (descriptor && 'value' in descriptor ? descriptor.value : target) as object;
  Object.defineProperty(method, Symbol.for('test.mark'), { value: 'marked', configurable: true });
}

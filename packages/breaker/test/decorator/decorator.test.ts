import { Breaker } from '../../src/index.js';
import { decoratorSuite, Mark } from './suite.js';

class Gateway {
  fails = false;

  constructor(readonly prefix: string) {}

  @Breaker({ name: 'gateway', timeout: '3s', quorum: 2 })
  @Mark
  async capture(orderId: string): Promise<string> {
    if (this.fails) throw new Error(`refused ${orderId}`);
    return `${this.prefix} captured ${orderId}`;
  }

  @Breaker('gateway')
  async refund(orderId: string): Promise<string> {
    return `${this.prefix} refunded ${orderId}`;
  }
}

decoratorSuite('legacy', Gateway, {
  conflict: () => {
    class Other {
      @Breaker({ name: 'gateway', timeout: '4s' })
      async other(): Promise<void> {}
    }
    return Other;
  },
  braces: () => {
    class Other {
      @Breaker('{stripe}')
      async other(): Promise<void> {}
    }
    return Other;
  },
  unknownOption: () => {
    class Other {
      // @ts-expect-error: there is no such option
      @Breaker({ name: 'a', tiemout: 1 })
      async other(): Promise<void> {}
    }
    return Other;
  },
  cache: () => {
    class Other {
      @Breaker({ name: 'b', cache: true })
      async other(): Promise<void> {}
    }
    return Other;
  },
  wrongTime: () => {
    class Other {
      @Breaker({ name: 'c', resetTimeout: '1 hour' as '1h' })
      async other(): Promise<void> {}
    }
    return Other;
  },
  field: () => {
    class Other {
      // @ts-expect-error: only methods
      @Breaker('d')
      other = 1;
    }
    return Other;
  },
});

import { expect, it } from '@jest/globals';
import { copyJobMetadata, Job, type JobContext, jobsOf } from '../../src/job/index.js';
import { describeJobDecorator } from './decorator-suite.js';

class OrderJobs {
  @Job({ attempts: 3 })
  async charge({ orderId }: { orderId: string }, _job?: JobContext): Promise<string> {
    return `charged ${orderId}`;
  }

  @Job({ name: 'ping' })
  async ping(): Promise<string> {
    return 'pong';
  }

  audit(): string {
    return 'audited';
  }
}

class ExpressJobs extends OrderJobs {
  override async charge(): Promise<string> {
    return 'charged fast';
  }

  @Job()
  override async ping(): Promise<string> {
    return 'fast pong';
  }

  @Job()
  async refund(): Promise<void> {}
}

type Method = () => Promise<string>;

function Wrap(_target: object, _key: string, descriptor: TypedPropertyDescriptor<Method>): void {
  const original = descriptor.value as Method;
  const wrapper: Method = async function (this: unknown) {
    return `wrapped ${await original.call(this)}`;
  };
  copyJobMetadata(original, wrapper);
  descriptor.value = wrapper;
}

class WrappedJobs {
  @Job()
  @Wrap
  async below(): Promise<string> {
    return 'below';
  }

  @Wrap
  @Job()
  async above(): Promise<string> {
    return 'above';
  }
}

function Opaque(_target: object, _key: string, descriptor: TypedPropertyDescriptor<Method>): void {
  descriptor.value = async () => 'opaque';
}

class OpaqueJobs {
  @Opaque
  @Job()
  async run(): Promise<string> {
    return 'run';
  }
}

const symbol = Symbol('run');

describeJobDecorator('legacy', {
  OrderJobs,
  ExpressJobs,
  WrappedJobs,
  declareNameless: () => {
    class Nameless {
      static {
        Object.defineProperty(Nameless, 'name', { value: '' });
      }

      @Job() run(): void {}
    }
    return Nameless;
  },
  declareTwice: () => {
    class Twice {
      @Job() @Job() run(): void {}
    }
    return Twice;
  },
  declareWith: (options) => {
    class Bad {
      @Job(options) run(): void {}
    }
    return Bad;
  },
  declareWithoutParentheses: () => {
    class Bare {
      // @ts-expect-error it does not compile either
      @Job run(): void {}
    }
    return Bare;
  },
  misplaced: {
    "the static method 'run'": () => {
      class Misplaced {
        @Job() static run(): void {}

        walk(): void {}
      }
      return Misplaced;
    },
    "the accessor 'run'": () => {
      class Misplaced {
        // @ts-expect-error it does not compile either
        @Job() get run(): number {
          return 1;
        }
      }
      return Misplaced;
    },
    "the field 'run'": () => {
      class Misplaced {
        // @ts-expect-error it does not compile either
        @Job() run = () => 1;
      }
      return Misplaced;
    },
    "the symbol-named method 'Symbol(run)'": () => {
      class Misplaced {
        // @ts-expect-error it does not compile either
        @Job() [symbol](): void {}
      }
      return Misplaced;
    },
    "the class 'Misplaced'": () => {
      // @ts-expect-error it does not compile either
      @Job()
      class Misplaced {}
      return Misplaced;
    },
  },
});

it('is found by the name of the method where a wrapper knows nothing of jobs', async () => {
  expect(jobsOf(OpaqueJobs).run.name).toBe('OpaqueJobs.run');
  await expect(new OpaqueJobs().run()).resolves.toBe('opaque');
});

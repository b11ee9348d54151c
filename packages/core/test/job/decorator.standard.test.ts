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

// the compiler of this package checks legacy decorators: the second form is for it alone
function Wrap(original: Method, context: ClassMethodDecoratorContext): Method;
function Wrap(prototype: object, key: string): void;
function Wrap(original: object): Method {
  const wrapper: Method = async function (this: unknown) {
    return `wrapped ${await (original as Method).call(this)}`;
  };
  copyJobMetadata(original, wrapper);
  return wrapper;
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

function Opaque(original: Method, context: ClassMethodDecoratorContext): Method;
function Opaque(prototype: object, key: string): void;
function Opaque(_original: object): Method {
  return async () => 'opaque';
}

class OpaqueJobs {
  @Opaque
  @Job()
  async run(): Promise<string> {
    return 'run';
  }
}

const symbol = Symbol('run');

describeJobDecorator('standard', {
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
    "the private method '#run'": () => {
      class Misplaced {
        @Job() #run(): void {}

        read(): unknown {
          return this.#run;
        }
      }
      return Misplaced;
    },
    "the static private method '#run'": () => {
      class Misplaced {
        @Job() static #run(): void {}

        read(): unknown {
          return Misplaced.#run;
        }
      }
      return Misplaced;
    },
    "the getter 'run'": () => {
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

// standard decorators are told neither the class nor the prototype
it('is lost, not silently, under a wrapper that knows nothing of jobs', () => {
  const jobs = jobsOf(OpaqueJobs);
  expect(() => jobs.run).toThrow(
    'OpaqueJobs.run is not a job: put @Job() on the method, above decorators that replace it without copyJobMetadata()',
  );
});

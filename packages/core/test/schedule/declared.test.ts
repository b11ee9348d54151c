import { removeKeys } from '@bulletproof/test-kit';
import { afterEach, describe } from '@jest/globals';
import { copyJobMetadata, Job, type JobContext, Schedule } from '../../src/index.js';
import { trial } from '../app/trial.js';
import { type Reports as Dialect, declaredSuite } from './declared-suite.js';

const t = trial();
afterEach(() => removeKeys(t.redis, t.prefix));

/** A decorator that replaces the method, as a legacy one. */
function Wrapped(_prototype: object, _key: string, descriptor: PropertyDescriptor): void {
  const original = descriptor.value as (...args: unknown[]) => unknown;
  descriptor.value = function (this: unknown, ...args: unknown[]) {
    return original.apply(this, args);
  };
  copyJobMetadata(original, descriptor.value as object);
}

function dialect(): Dialect {
  const noted: string[] = [];
  class Reports {
    @Schedule({ every: '1s' })
    @Job()
    async above() {
      noted.push('Reports.above');
    }

    @Job()
    @Schedule({ cron: '* * * * * *', timezone: 'Europe/Berlin', name: 'second', input: { n: 7 } })
    async below({ n }: { readonly n: number }, job: JobContext) {
      noted.push(`${job.idempotencyKey?.split('@')[0]} ${n}`);
    }

    @Schedule({ every: '1s' })
    @Wrapped
    @Job()
    async wrapped() {
      noted.push('Reports.wrapped');
    }
  }
  const changed = () => {
    class Reports {
      @Job()
      @Schedule({ every: '1h' })
      async above() {}

      @Job()
      async below() {}

      @Job()
      @Wrapped
      @Schedule({ every: '1s' })
      async wrapped() {}
    }
    return Reports;
  };
  class JoblessReports {
    @Job()
    async some() {}

    @Schedule({ every: '1s' })
    async jobless() {}
  }
  class TwiceReports {
    @Job()
    @Schedule({ every: '1s', name: 'second' })
    async other() {}
  }
  return { noted, Reports, ChangedReports: changed(), JoblessReports, TwiceReports };
}

describe('@Schedule', () => {
  declaredSuite(t, dialect);
});

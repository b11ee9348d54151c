import { until } from '@bulletproof/test-kit';
import { expect, it } from '@jest/globals';
import { type Bulletproof, type JobContext, jobsOf } from '../../src/index.js';
import { refusalOf as refusal } from '../app/refusal.js';
import type { Trial } from '../app/trial.js';

/** The classes of a dialect; all methods note the key of their run. */
export interface Reports {
  readonly noted: string[];
  /** `above` has `@Schedule` above `@Job`, `below` the other way; `wrapped` has a third decorator between. Every second. */
  readonly Reports: new () => {
    above(): Promise<void>;
    below(input: { readonly n: number }, job: JobContext): Promise<void>;
    wrapped(): Promise<void>;
  };
  /** The same class without `below`, and `above` with another rhythm. */
  readonly ChangedReports: new () => object;
  /** `@Schedule` without `@Job`. */
  readonly JoblessReports: new () => object;
  /** Two schedules of one name. */
  readonly TwiceReports: new () => object;
}

const work = (app: Bulletproof) => app.work({ queues: { default: 5 } });

export function declaredSuite(t: Trial, dialect: () => Reports): void {
  it('runs methods with @Schedule above and below @Job, with their input, through other decorators', async () => {
    const { Reports, noted } = dialect();
    const app = t.app().register(new Reports());
    expect(Object.keys(jobsOf(Reports))).toEqual(['above', 'below', 'wrapped']);
    await work(app);
    for (const name of ['Reports.above', 'second 7', 'Reports.wrapped']) {
      await until(() => noted.some((key) => key.startsWith(name)));
    }
    expect(await app.schedules.list()).toMatchObject([
      { name: 'Reports.above', job: 'Reports.above', declared: true, every: 1_000 },
      { name: 'Reports.wrapped', every: 1_000 },
      { name: 'second', job: 'Reports.below', cron: '* * * * * *', timezone: 'Europe/Berlin' },
    ]);
  });

  it('is brought in line when a worker starts: unchanged untouched, changed changed, gone removed', async () => {
    const { Reports, ChangedReports } = dialect();
    const first = t.app().register(new Reports());
    await (await work(first)).close();
    await first.schedules.pause('Reports.above');
    await first.schedules.pause('Reports.wrapped');
    await (await work(t.app().register(new Reports()))).close();
    expect((await first.schedules.list()).map(({ paused }) => paused)).toEqual([true, true, false]);
    await (await work(t.app().register(new ChangedReports()))).close();
    expect(await first.schedules.list()).toMatchObject([
      { name: 'Reports.above', every: 3_600_000, paused: true },
      { name: 'Reports.wrapped', every: 1_000, paused: true },
    ]);
  });

  it('leaves alone the schedules of jobs that it does not register, and those of app.schedule', async () => {
    const { Reports, ChangedReports } = dialect();
    const theirs = t.app().register(new Reports());
    await theirs.schedule('own', { every: '1d' }, jobsOf(Reports).above());
    await (await work(theirs)).close();
    await (await work(t.app())).close();
    expect((await theirs.schedules.list()).map(({ name }) => name)).toEqual([
      'Reports.above',
      'Reports.wrapped',
      'own',
      'second',
    ]);
    await (await work(t.app().register(new ChangedReports()))).close();
    expect((await theirs.schedules.list()).map(({ name }) => name)).toContain('own');
  });

  it('refuses what is no job, and two of one name, and registers nothing of it', async () => {
    const { Reports, JoblessReports, TwiceReports } = dialect();
    const app = t.app();
    expect(() => app.register(new Reports(), new JoblessReports())).toThrow(/beside @Schedule/);
    expect(() => app.register(new Reports(), new TwiceReports())).toThrow(/named 'second'/);
    app.register(new Reports());
    const { above } = jobsOf(Reports);
    const code = 'DUPLICATE_SCHEDULE';
    expect(await refusal(() => app.schedule('second', { every: '1s' }, above()))).toMatchObject({
      code,
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { InvalidOptionError, Schedule } from '../../src/index.js';
import { resolveSchedule } from '../../src/schedule/options.js';

const refused: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['no rhythm', {}],
  ['two rhythms', { cron: '* * * * *', every: '1m' }],
  ['a word for a cron expression', { cron: 'every day' }],
  ['an empty one', { cron: '' }],
  ['one of four fields', { cron: '* * * *' }],
  ['one of seven fields', { cron: '* * * * * * *' }],
  ['a minute that there is not', { cron: '61 * * * *' }],
  ['a day that never comes', { cron: '0 0 30 2 *' }],
  ['an alias that there is not', { cron: '@sometimes' }],
  ['a number for one', { cron: 5 }],
  ['a very long one', { cron: `${'1,'.repeat(400)}1 * * * *` }],
  ['a time zone that there is not', { cron: '* * * * *', timezone: 'Europe/Atlantis' }],
  ['an offset for a time zone', { cron: '* * * * *', timezone: '+02:00' }],
  ['an empty time zone', { cron: '* * * * *', timezone: '' }],
  ['a time zone without cron', { every: '1m', timezone: 'UTC' }],
  ['every below a second', { every: '999ms' }],
  ['every of nothing', { every: 0 }],
  ['every that is no duration', { every: 'often' }],
  ['after of nothing', { after: 0 }],
  ['an unknown misfire', { every: '1m', misfire: 'twice' }],
  ['an unknown overlap', { every: '1m', overlap: 'merge' }],
  ['misfire of after', { after: '1m', misfire: 'all' }],
  ['overlap of after', { after: '1m', overlap: 'queue' }],
  ['a window without all', { every: '1m', misfireWindow: '1h' }],
  ['an unknown option', { every: '1m', timeZone: 'UTC' }],
];

describe.each(refused)('%s', (_, options) => {
  it('is refused by app.schedule', () => {
    expect(() => resolveSchedule('schedule x', options)).toThrow(InvalidOptionError);
  });
  it('is refused by @Schedule where it stands', () => {
    expect(() => Schedule(options as never)).toThrow(InvalidOptionError);
  });
});

it('decides what is left open', () => {
  expect(resolveSchedule('x', { cron: ' 0  0 * * * ' })).toEqual({
    rhythm: { kind: 'cron', cron: '0 0 * * *', timezone: 'UTC' },
    misfire: 'once',
    misfireWindowMs: 3_600_000,
    overlap: 'skip',
    lateAfterMs: 60_000,
  });
});

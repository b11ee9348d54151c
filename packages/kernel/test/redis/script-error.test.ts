import { describe, expect, it } from '@jest/globals';
import { isFromScript, scriptErrorFrom } from '../../src/redis/script-error.js';
import { breakDown } from '../lua/scripts.generated.js';

// Line 12 of what is sent is line 14 of break_down.lua; the messages are those of servers that are not at hand in every test run.
const place = 'break_down.lua:14';
const wrongType = 'WRONGTYPE Operation against a key holding the wrong kind of value';

describe('scriptErrorFrom', () => {
  it.each([
    ['Redis 7, placed by us', `user_script:12: ${wrongType}`],
    ['Redis 6.2, inside pcall', `@user_script: 12: ${wrongType}`],
    ['Redis 6.2, inside pcall, with its dash', `@user_script: 12: -${wrongType}`],
    [
      'Redis 6.2, uncaught',
      `ERR Error running script (call to f_${breakDown.sha1}): @user_script:12: @user_script: 12: -${wrongType}`,
    ],
  ])('reads the message of %s', (_server, message) => {
    expect(isFromScript(new Error(message))).toBe(true);
    expect(scriptErrorFrom(breakDown, message)).toMatchObject({ line: place, reason: wrongType });
  });

  it('reads what a script that does not compile is answered', () => {
    const message =
      "ERR Error compiling script (new function): user_script:2: '=' expected near 'redis'";
    expect(scriptErrorFrom(breakDown, message)).toMatchObject({
      line: 'fail_inside.lua:2',
      reason: "'=' expected near 'redis'",
    });
  });

  it('does not blame our files for generated code', () => {
    expect(scriptErrorFrom(breakDown, 'user_script:40: out of luck').line).toBe(
      'generated code of break_down',
    );
  });

  it('leaves errors of the server alone', () => {
    for (const message of ['READONLY You cannot write', 'LOADING Redis is loading']) {
      expect(isFromScript(new Error(message))).toBe(false);
    }
  });
});

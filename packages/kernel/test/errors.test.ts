import { describe, expect, it } from '@jest/globals';
import { BulletproofError, InvalidOptionError, isBulletproofError } from '../src/index.js';

class LostError extends BulletproofError {
  readonly code = 'LOST';
  readonly token = 7;
}

describe('BulletproofError', () => {
  it('carries its class name, a code, fields and the cause', () => {
    const cause = new Error('why');
    const error = new LostError('gone', { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.token, error.cause]).toEqual([
      'LostError',
      'LOST',
      'gone',
      7,
      cause,
    ]);
    expect(Object.keys(error).sort()).toEqual(['code', 'token']);
    expect(String(error)).toBe('LostError: gone');
  });

  it('is recognised by brand, also when it comes from another copy of the package', () => {
    const foreign = { [Symbol.for('bulletproof.error')]: true, code: 'LOST' };
    expect(isBulletproofError(new LostError('x'))).toBe(true);
    expect(isBulletproofError(new LostError('x'), 'LOST')).toBe(true);
    expect(isBulletproofError(new LostError('x'), 'OTHER')).toBe(false);
    expect(isBulletproofError(foreign, 'LOST')).toBe(true);
  });

  it('is not claimed for anything else, however hostile', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const other of [undefined, null, 'text', 5, new Error('x'), {}, proxy]) {
      expect(isBulletproofError(other)).toBe(false);
    }
  });
});

describe('InvalidOptionError', () => {
  it('says what was expected and what was found', () => {
    const error = new InvalidOptionError({ option: 'a.b', expected: 'x', received: 'y' });
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'a.b', expected: 'x' });
    expect(error.message).toBe('a.b: expected x, got y');
  });
});

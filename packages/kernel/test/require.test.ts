import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

describe('the built package', () => {
  it('can be required by CommonJS, without a warning', () => {
    const program = `
      const kernel = require('@bulletproof/kernel');
      process.on('warning', (warning) => { throw warning; });
      process.stdout.write(kernel.digest({ b: 1, a: 2 }).length + ' ' + typeof kernel.rule.duration);
    `;
    const output = execFileSync(process.execPath, ['--input-type=commonjs', '-e', program], {
      cwd: PACKAGE,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(output).toBe('43 function');
  });

  it('gives both ways of loading the same classes', () => {
    const program = `
      const { BulletproofError } = require('@bulletproof/kernel');
      import('@bulletproof/kernel').then((m) => process.stdout.write(String(m.BulletproofError === BulletproofError)));
    `;
    const output = execFileSync(process.execPath, ['--input-type=commonjs', '-e', program], {
      cwd: PACKAGE,
      encoding: 'utf8',
    });
    expect(output).toBe('true');
  });
});

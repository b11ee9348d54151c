import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const GENERATOR = fileURLToPath(new URL('../../tooling/src/gen-lua.mjs', import.meta.url));

describe('generated Lua bindings', () => {
  it('are those of the Lua files as they are now', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [GENERATOR, '--check'], {
      encoding: 'utf8',
    });
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
  });
});

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
const compiler = join(dirname(manifest), 'bin/tsc');
const project = fileURLToPath(new URL('standard-dialect', import.meta.url));

// the package's own check compiles typing.ts with legacy decorators
it('types jobs in the same way with standard decorators', async () => {
  await expect(promisify(execFile)(process.execPath, [compiler, '-p', project])).resolves.toEqual({
    stdout: '',
    stderr: '',
  });
});

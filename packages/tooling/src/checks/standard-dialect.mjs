// Type-checks the files *.standard.ts and *.standard.test.ts, which the packages leave out, with standard decorators.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { filesUnder } from '../workspace.mjs';

/**
 * @param {string} root the workspace's folder
 * @returns {import('../checks.mjs').CheckResult}
 */
export function checkStandardDialect(root) {
  const files = filesUnder(join(root, 'packages'), /\.standard(?:\.test)?\.ts$/);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [tsc, '-p', 'tsconfig.standard.json', '--pretty', 'false'],
    { cwd: root, encoding: 'utf8' },
  );
  const problems =
    status === 0 ? [] : `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  return { seen: `${files.length} files`, problems };
}

// The generated bindings of the Lua scripts must be those that the generator would write now.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { filesUnder } from '../workspace.mjs';

const GENERATOR = fileURLToPath(new URL('../gen-lua.mjs', import.meta.url));

/**
 * @param {string} root the workspace's folder
 * @returns {import('../checks.mjs').CheckResult}
 */
export function checkLuaBindings(root) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [GENERATOR, '--check', root], {
    encoding: 'utf8',
  });
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  return {
    seen: `${filesUnder(root, /\.lua$/).length} scripts`,
    problems: status === 0 ? [] : [...lines, 'npm run generate writes them anew'],
  };
}

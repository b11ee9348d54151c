// Finds compiled files whose source is gone.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesUnder, workspacePackages } from '../workspace.mjs';

const COMPILED = /\.(?:js|d\.ts)(?:\.map)?$/;

/**
 * @param {string} root the workspace's folder
 * @returns {string[]} absolute paths
 */
export function staleOutput(root) {
  return workspacePackages(root).flatMap(({ folder }) => {
    if (!existsSync(join(folder, 'tsconfig.build.json'))) return [];
    const dist = join(folder, 'dist');
    return filesUnder(dist, COMPILED).filter((file) => {
      const source = relative(dist, file).replace(COMPILED, '.ts');
      return !existsSync(join(folder, 'src', source));
    });
  });
}

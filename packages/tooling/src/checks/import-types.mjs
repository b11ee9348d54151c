// Refuses types written as import('...'): an import that the import rules do not see.
import { join, relative } from 'node:path';
import { filesUnder, workspacePackages } from '../workspace.mjs';
import { nodesOf } from './syntax.mjs';

/**
 * @param {string} root the workspace's folder
 * @returns {import('../checks.mjs').CheckResult}
 */
export function checkImportTypes(root) {
  const files = workspacePackages(root).flatMap(({ folder }) =>
    ['src', 'test'].flatMap((part) => filesUnder(join(folder, part), /(?<!\.d)\.ts$/)),
  );
  const problems = files.flatMap((file) => {
    const imports = [...nodesOf(file)].filter(({ type }) => type === 'TsImportType');
    return imports.length === 0
      ? []
      : [`${relative(root, file)}: write import('…') types as import statements`];
  });
  return { seen: `${files.length} files`, problems };
}

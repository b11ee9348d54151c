// Lists that tools want written out and that follow from the folders: compared, so that they cannot drift.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { workspacePackages } from '../workspace.mjs';

const SAME_IN_EACH = ['license', 'type', 'engines'];

/**
 * @param {string} root the workspace's folder
 * @returns {import('../checks.mjs').CheckResult}
 */
export function checkKeptLists(root) {
  const packages = workspacePackages(root);
  return {
    seen: `${packages.length} packages`,
    problems: [...references(root, packages), ...packages.flatMap((each) => manifest(root, each))],
  };
}

/**
 * The root tsconfig.json references every package that is built.
 * @param {string} root
 * @param {import('../workspace.mjs').WorkspacePackage[]} packages
 */
function references(root, packages) {
  const { references: listed = [] } = json(join(root, 'tsconfig.json'));
  const paths = new Set(listed.map((/** @type {{ path: string }} */ { path }) => path));
  const built = packages
    .map(({ folder }) => join(folder, 'tsconfig.build.json'))
    .filter(existsSync);
  return built
    .map((file) => relative(root, file))
    .filter((path) => !paths.has(path))
    .map((path) => `tsconfig.json: reference ${path} is missing`);
}

/**
 * What npm shows of a package.
 * @param {string} root
 * @param {import('../workspace.mjs').WorkspacePackage} each
 */
function manifest(root, { name, folder, isPublic }) {
  const own = json(join(folder, 'package.json'));
  const first = {
    license: 'MIT',
    type: 'module',
    engines: json(join(root, 'package.json')).engines,
  };
  const problems = SAME_IN_EACH.filter(
    (field) =>
      JSON.stringify(own[field]) !== JSON.stringify(first[/** @type {'license'} */ (field)]),
  ).map((field) => `${name}: ${field} differs from the other packages`);
  if (!isPublic) return problems;
  const files = ['LICENSE', 'README.md'].filter((file) => !existsSync(join(folder, file)));
  return [
    ...problems,
    ...files.map((file) => `${name}: ${file} is missing`),
    ...(own.description ? [] : [`${name}: package.json has no description`]),
  ];
}

/** @param {string} file */
function json(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

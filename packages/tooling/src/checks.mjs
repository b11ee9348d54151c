// The checks of the whole workspace that no linter knows: node checks.mjs [name ...]
import { pathToFileURL } from 'node:url';
import { checkDocsExamples } from './checks/docs-examples.mjs';
import { checkErrorCatalogue } from './checks/error-catalogue.mjs';
import { checkImportTypes } from './checks/import-types.mjs';
import { checkKeptLists } from './checks/kept-lists.mjs';
import { checkLayers } from './checks/layers.mjs';
import { checkLuaBindings } from './checks/lua-bindings.mjs';
import { checkStandardDialect } from './checks/standard-dialect.mjs';
import { root } from './workspace.mjs';

/**
 * @typedef {object} CheckResult
 * @property {string} seen what was looked at, so that a check that sees nothing is noticed
 * @property {string[]} problems
 */

/** @type {Record<string, (root: string) => CheckResult | Promise<CheckResult>>} */
const checks = {
  layers: checkLayers,
  'import-types': checkImportTypes,
  'standard-decorators': checkStandardDialect,
  'lua-bindings': checkLuaBindings,
  'error-catalogue': checkErrorCatalogue,
  'docs-examples': checkDocsExamples,
  'kept-lists': checkKeptLists,
};

/**
 * Runs the checks and prints a line for each, and its problems.
 * @param {string[]} names those to run; all when empty
 * @returns {Promise<boolean>} whether all is well
 */
export async function runChecks(names) {
  let well = true;
  for (const [name, check] of Object.entries(checks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const { seen, problems } = await check(root);
    well &&= problems.length === 0;
    const mark = problems.length === 0 ? 'ok    ' : 'FAILED';
    process.stdout.write(`${[`${mark} ${name} (${seen})`, ...problems.map(indent)].join('\n')}\n`);
  }
  return well;
}

/** @param {string} text */
function indent(text) {
  return `       ${text}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = (await runChecks(process.argv.slice(2))) ? 0 : 1;
}

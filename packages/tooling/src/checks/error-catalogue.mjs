// Compares the catalogue of errors in the docs with the error classes in the code, both ways.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesUnder, workspacePackages } from '../workspace.mjs';
import { nodesOf } from './syntax.mjs';

/** @typedef {import('./syntax.mjs').SyntaxNode} SyntaxNode */
/** @typedef {{ code: string, className: string, file: string }} ErrorClass */

const CATALOGUE = 'docs/reference/errors.md';
const ROW = /^\| *`?([A-Z][A-Z0-9_]*)`? *\| *`?(\w+)`? *\|/;

/**
 * @param {string} root the workspace's folder
 * @returns {import('../checks.mjs').CheckResult}
 */
export function checkErrorCatalogue(root) {
  const classes = errorClasses(root);
  const page = join(root, CATALOGUE);
  if (!existsSync(page)) return { seen: 'no catalogue', problems: [`${CATALOGUE} is missing`] };
  const rows = readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, code = '', className = ''] = ROW.exec(line) ?? [];
      return code ? [{ code, className }] : [];
    });
  const same = (/** @type {{ code: string, className: string }} */ a) => `${a.code} ${a.className}`;
  const inDocs = new Set(rows.map(same));
  const inCode = new Set(classes.map(same));
  return {
    seen: `${classes.length} classes, ${rows.length} rows`,
    problems: [
      ...classes
        .filter((found) => !inDocs.has(same(found)))
        .map(
          (found) => `${found.file}: | ${found.code} | ${found.className} | is not in ${CATALOGUE}`,
        ),
      ...rows
        .filter((row) => !inCode.has(same(row)))
        .map((row) => `${CATALOGUE}: | ${row.code} | ${row.className} | is not in the code`),
      ...repeated(classes.map(({ code }) => code)).map((code) => `two classes have code ${code}`),
      ...repeated(rows.map(({ code }) => code)).map(
        (code) => `${CATALOGUE}: ${code} stands there twice`,
      ),
    ],
  };
}

/**
 * The exported classes of public packages that have a literal `code`.
 * @param {string} root
 * @returns {ErrorClass[]}
 */
function errorClasses(root) {
  return workspacePackages(root)
    .filter(({ isPublic }) => isPublic)
    .flatMap(({ folder }) => filesUnder(join(folder, 'src'), /(?<!\.d|\.generated)\.ts$/))
    .flatMap((file) =>
      [...nodesOf(file)].flatMap((node) => {
        const code = codeOf(node);
        const className = nameOf(node.identifier);
        return code && className ? [{ code, className, file: relative(root, file) }] : [];
      }),
    );
}

/** @param {SyntaxNode} node */
function codeOf(node) {
  if (node.type !== 'ClassDeclaration' || !Array.isArray(node.body)) return undefined;
  const property = node.body.find(
    ({ type, key }) => type === 'ClassProperty' && nameOf(key) === 'code',
  );
  return property?.value?.type === 'StringLiteral' ? String(property.value.value) : undefined;
}

/** @param {unknown} identifier */
function nameOf(identifier) {
  return typeof identifier === 'object' && identifier !== null && 'value' in identifier
    ? String(identifier.value)
    : '';
}

/** @param {string[]} list */
function repeated(list) {
  return [...new Set(list.filter((entry, index) => list.indexOf(entry) !== index))];
}

// Type-checks the TypeScript in the documentation against the built packages, as the sample app's own code would be.
import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { filesUnder } from '../workspace.mjs';

/** @typedef {{ page: string, startLine: number, text: string }} Example */

// ```ts or <!-- ts: a block of its own, the latter for imports and such that a reader need not see.
// ```ts continues: goes on from the block before.
const START = /^(?:```|<!-- )ts( continues)?\s*$/;
const END = /^(?:```|-->)\s*$/;
const COMPILER_OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: 'ES2022',
  lib: ['ES2023'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  moduleDetection: 'force',
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

/**
 * @param {string} root the workspace's folder
 * @param {string} [consumer] folder of the package whose dependencies the examples may import
 * @returns {import('../checks.mjs').CheckResult}
 */
export function checkDocsExamples(root, consumer = 'apps/orders') {
  const pages = [
    ...readdirSync(root)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(root, name)),
    ...['docs', 'packages', 'apps'].flatMap((name) => filesUnder(join(root, name), /\.md$/)),
  ];
  const examples = pages.flatMap((page) =>
    examplesOf(readFileSync(page, 'utf8'), relative(root, page)),
  );
  return {
    seen: `${examples.length} examples on ${pages.length} pages`,
    problems: examples.length === 0 ? [] : compile(root, join(root, consumer), examples),
  };
}

/**
 * The TypeScript of a page. Blank lines stand for the prose, so that a line has the number it has on the page.
 * @param {string} markdown
 * @param {string} page
 * @returns {Example[]}
 */
export function examplesOf(markdown, page) {
  /** @type {(Example & { lines: string[] })[]} */
  const examples = [];
  let inside = false;
  for (const [index, line] of markdown.split('\n').entries()) {
    const start = inside ? null : START.exec(line);
    if (start) {
      inside = true;
      const last = examples.at(-1);
      if (!start[1] || !last) examples.push({ page, startLine: index + 1, text: '', lines: [] });
    } else if (inside && END.test(line)) {
      inside = false;
    } else if (inside) {
      const lines = examples.at(-1)?.lines ?? [];
      while (lines.length < index) lines.push('');
      lines.push(line);
    }
  }
  return examples.map(({ lines, ...example }) => ({ ...example, text: lines.join('\n') }));
}

/**
 * @param {string} root
 * @param {string} consumer
 * @param {Example[]} examples
 */
function compile(root, consumer, examples) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulletproof-docs-')));
  try {
    symlinkSync(join(consumer, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const files = examples.map(({ text }, index) => {
      writeFileSync(join(folder, `${index}.ts`), text);
      return `${index}.ts`;
    });
    const typeRoots = [join(root, 'node_modules/@types')];
    const config = { compilerOptions: { ...COMPILER_OPTIONS, types: ['node'], typeRoots }, files };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [tsc, '-p', '.', '--pretty', 'false'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    if (status === 0) return [];
    const found = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
    return found.map((line) =>
      line.replace(/^(\d+)\.ts\((\d+),(\d+)\)/, (_, index, at, column) => {
        return `${examples[Number(index)]?.page}:${at}:${column}`;
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// A small workspace in a temporary folder, into which tests plant what a check must find.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * @param {import('node:test').TestContext} t removes the workspace when this test ends
 * @param {Record<string, string>} files text by path
 * @returns {string} its folder
 */
export function plant(t, files) {
  const root = mkdtempSync(join(tmpdir(), 'bulletproof-planted-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return root;
}

/**
 * Files of a package that is found under its name by all others.
 * @param {string} name such as `core`
 * @param {Record<string, string>} files text by path in the package
 * @returns {Record<string, string>}
 */
export function packageFiles(name, files) {
  const manifest = {
    name: `@bulletproof/${name}`,
    type: 'module',
    exports: { '.': './dist/index.js' },
  };
  const all = { 'package.json': JSON.stringify(manifest), 'dist/index.js': 'export {};', ...files };
  return Object.fromEntries(
    Object.entries(all).map(([path, text]) => [`packages/${name}/${path}`, text]),
  );
}

/**
 * Installs what the planted sources import: our packages as links, others as empty ones.
 * @param {string} root
 * @param {{ own?: string[], foreign?: string[] }} names
 */
export function install(root, { own = [], foreign = [] }) {
  mkdirSync(join(root, 'node_modules/@bulletproof'), { recursive: true });
  for (const name of own) {
    symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@bulletproof', name));
  }
  for (const name of foreign) {
    const folder = join(root, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
    writeFileSync(join(folder, 'index.js'), '');
  }
}

// Makes the tarballs that npm would get.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, workspacePackages } from '../src/workspace.mjs';

/** @typedef {{ name: string, tarball: string }} Packed */

/**
 * A temporary folder that is removed when the process ends.
 * @param {string} label
 */
export function temporaryFolder(label) {
  const folder = mkdtempSync(join(tmpdir(), `bulletproof-${label}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Packs every public package. pnpm does it, because it alone turns `workspace:` and `catalog:` into versions.
 * @param {string} folder where the tarballs go
 * @returns {Packed[]}
 */
export function packPublic(folder) {
  return workspacePackages()
    .filter(({ isPublic }) => isPublic)
    .map(({ name, folder: from }) => {
      const out = run(pnpm, ['pack', '--json', '--pack-destination', folder], from).trim();
      return { name, tarball: JSON.parse(out).filename };
    });
}

const { packageManager: pin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const hasPnpm = spawnSync('pnpm', ['--version']).status === 0;
const pnpm = hasPnpm ? ['pnpm'] : ['npx', '-y', pin];

/**
 * Runs a command and returns what it prints.
 * @param {string[]} command the program and its first arguments
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [env] more variables
 */
export function run([program = '', ...first], args, cwd, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, [...first, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

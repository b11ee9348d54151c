import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { type Mutant, mutantsOf } from './mutate.js';

const WORKSPACE = fileURLToPath(new URL('../../../../../', import.meta.url));
const SCRIPTS = path.join(WORKSPACE, 'packages/core/src/idempotency/lua');
const FRAGMENTS = path.join(SCRIPTS, 'fragments');
const GENERATOR = path.join(WORKSPACE, 'packages/tooling/src/gen-lua.mjs');

/** A script as the generator emits it. */
export interface BuiltScript {
  readonly name: string;
  readonly sha1: string;
  readonly source: string;
}

/** A mutant that the generator has built: the scripts that are different because of it. */
export interface BuiltMutant extends Mutant {
  readonly scripts: readonly BuiltScript[];
}

/** What the generator made of all mutants. */
export interface Built {
  readonly mutants: readonly BuiltMutant[];
  /** Mutants that the generator itself refused: it caught them. */
  readonly refused: readonly Mutant[];
}

/** All mutants of the scripts and their fragments. */
export function allMutants(): Mutant[] {
  return [SCRIPTS, FRAGMENTS].flatMap((folder) =>
    luaFiles(folder).flatMap((file) => mutantsOf(file, read(folder, file))),
  );
}

/** Builds mutants with the real generator, each in a package of its own. */
export function build(mutants: readonly Mutant[]): Built {
  const root = mkdtempSync(path.join(tmpdir(), 'bulletproof-mutants-'));
  try {
    cpSync(
      path.join(WORKSPACE, 'packages/kernel/src/lua'),
      path.join(root, 'packages/kernel/src/lua'),
      { recursive: true },
    );
    for (const [index, mutant] of mutants.entries()) lay(folderOf(root, index), mutant);
    const done = spawnSync(process.execPath, [GENERATOR, root], { encoding: 'utf8' });
    if (done.error) throw done.error;
    const built = mutants.map((mutant, index) => ({
      ...mutant,
      scripts: generatedIn(folderOf(root, index)),
    }));
    return {
      mutants: built.filter(({ scripts }) => scripts.length > 0),
      refused: built.filter(({ scripts }) => scripts.length === 0),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function folderOf(root: string, index: number): string {
  return path.join(root, `packages/m${index}/src/lua`);
}

/** A damaged script alone, or a damaged fragment with every script. */
function lay(folder: string, { file, text }: Mutant): void {
  cpSync(FRAGMENTS, path.join(folder, 'fragments'), { recursive: true });
  const isScript = existsSync(path.join(SCRIPTS, file));
  mkdirSync(folder, { recursive: true });
  if (isScript) {
    writeFileSync(path.join(folder, file), text);
    return;
  }
  for (const script of luaFiles(SCRIPTS))
    writeFileSync(path.join(folder, script), read(SCRIPTS, script));
  writeFileSync(path.join(folder, 'fragments', file), text);
}

/** The scripts of a generated module; none when the generator refused. */
function generatedIn(folder: string): BuiltScript[] {
  const file = path.join(folder, 'scripts.generated.ts');
  if (!existsSync(file)) return [];
  const scripts = readFileSync(file, 'utf8').matchAll(
    /^ {2}name: '(\w+)',\n {2}sha1: '(\w+)',[\s\S]*?^ {2}source: (`(?:[^`\\]|\\.)*`)/gm,
  );
  return [...scripts].map(([, name = '', sha1 = '', literal = '``']) => ({
    name,
    sha1,
    source: String(runInNewContext(literal)),
  }));
}

function luaFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.lua'))
    .sort();
}

function read(folder: string, file: string): string {
  return readFileSync(path.join(folder, file), 'utf8');
}

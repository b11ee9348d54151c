import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RedisPort } from '@bulletproof/kernel';
import * as originals from '../../../src/lua/scripts.generated.js';

/** One small damage to a Lua file, and the port on which the damaged scripts run instead of the real ones. */
export interface Mutant {
  /** File, number of the line, and the line before and after. */
  readonly id: string;
  port(real: RedisPort): RedisPort;
}

const LUA = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../src/lua');

/** Replacements of what a pattern finds. */
const SWAPS: readonly (readonly [pattern: RegExp, ...by: readonly string[]])[] = [
  [/ == /g, ' ~= '],
  [/ ~= /g, ' == '],
  [/ > /g, ' >= ', ' < '],
  [/ < /g, ' <= ', ' > '],
  [/ >= /g, ' > ', ' < '],
  [/ <= /g, ' < ', ' >= '],
  [/ and /g, ' or '],
  [/ or /g, ' and '],
  [/\bnot /g, ''],
  [/ \+ 1\b/g, ' + 0', ' + 2'],
  [/ \+ (?!1\b)/g, ' - '],
  [/ - /g, ' + '],
  [/ \* /g, ' + '],
  [/ \/ /g, ' * '],
  [/ % /g, ' * '],
  [/math\.max/g, 'math.min'],
  [/math\.min/g, 'math.max'],
  [/math\.floor\(/g, '('],
  [/'(closed|open|half-open|forced-open|forced-closed)'/g, "'open'", "'closed'"],
  [/'(volume|rate|quorum|none|recovered|failure-rate|probe-failed|local-trip)'/g, "'wrong'"],
  [/= true$/g, '= false'],
  [/\b(if|elseif) (.+) then$/g, '$1 true then', '$1 false then'],
  [/ 0(?=[,\s)]|$)/g, ' 1'],
  [/'(tk|ps|lp|op|un|at|ep|st|rs|by|cf)', /g, "'xx', "],
  // A whole statement is left out.
  [
    /^ *(redis\.call\(.*\)|s\.\w+ = .*|move\(.*\)|open\(.*\)|lapse\(.*\)|repair\(.*)$/g,
    'local _ = 0',
  ],
];

/** All mutants of the scripts and their fragments, always in the same order. */
export function allMutants(): Mutant[] {
  return ['', 'fragments'].flatMap((folder) =>
    readdirSync(path.join(LUA, folder))
      .filter((name) => name.endsWith('.lua'))
      .sort()
      .flatMap((name) => mutantsOf(name, readFileSync(path.join(LUA, folder, name), 'utf8'))),
  );
}

function mutantsOf(file: string, text: string): Mutant[] {
  const start = text.startsWith('--[[') ? text.indexOf('\n]]') + 4 : 0;
  const body = text.slice(start).trimEnd();
  const lines = body.split('\n');
  const mutants = new Map<string, Mutant>();
  for (const [at, line] of lines.entries()) {
    for (const changed of variantsOf(line)) {
      const damaged = [...lines.slice(0, at), changed, ...lines.slice(at + 1)].join('\n');
      const id = `${file} ${at + 1}: ${line.trim()} -> ${changed.trim()}`;
      mutants.set(id, { id, port: (real) => portOn(real, body, damaged) });
    }
  }
  return [...mutants.values()];
}

function variantsOf(line: string): string[] {
  if (/^\s*--/.test(line) || /^\s*(for|function|local function)\b/.test(line)) return [];
  return SWAPS.flatMap(([pattern, ...replacements]) =>
    [...line.matchAll(pattern)].flatMap((match) =>
      replacements.map((by) => {
        const text = by.replace('$1', match[1] ?? '');
        return line.slice(0, match.index) + text + line.slice(match.index + match[0].length);
      }),
    ),
  ).filter((changed) => changed !== line);
}

function portOn(real: RedisPort, body: string, damaged: string): RedisPort {
  const bySha1 = new Map<string, string>();
  for (const { sha1, source } of Object.values(originals)) {
    const changed = source.replace(body, () => damaged);
    if (changed !== source) bySha1.set(sha1, changed);
  }
  if (bySha1.size === 0) throw new Error(`No script contains:\n${body}`);
  return {
    isCluster: real.isCluster,
    evalsha: (sha1, keys, args) => {
      const source = bySha1.get(sha1);
      return source === undefined
        ? real.evalsha(sha1, keys, args)
        : real.evalsha(createHash('sha1').update(source).digest('hex'), keys, args);
    },
    eval: (source, keys, args) =>
      real.eval(bySha1.get(createHash('sha1').update(source).digest('hex')) ?? source, keys, args),
  };
}

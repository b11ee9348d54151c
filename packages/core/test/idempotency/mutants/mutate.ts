/** One small damage to a Lua file. */
export interface Mutant {
  /** File, kind of damage and the line before and after: the same for as long as that line is. */
  readonly id: string;
  readonly file: string;
  /** The whole damaged file. */
  readonly text: string;
}

interface Edit {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

const STATES: Readonly<Record<string, string>> = {
  waiting: 'running',
  running: 'waiting',
  snoozed: 'waiting',
  done: 'dead',
  dead: 'done',
  cancelled: 'dead',
  pointer: 'waiting',
};

/** Replacements of what a pattern finds; `$1` and so on are its groups. */
const SWAPS: readonly (readonly [kind: string, pattern: RegExp, ...by: readonly string[]])[] = [
  ['comparison', / == /g, ' ~= '],
  ['comparison', / ~= /g, ' == '],
  ['comparison', / > /g, ' >= ', ' < '],
  ['comparison', / < /g, ' <= ', ' > '],
  ['logic', / and /g, ' or '],
  ['logic', / or /g, ' and '],
  ['arithmetic', / \+ 1\b/g, ' + 0', ' + 2'],
  ['arithmetic', / \+ (?!1\b)/g, ' - '],
  ['arithmetic', / - /g, ' + '],
  ['arithmetic', /math\.max/g, 'math.min'],
  ['clock', /now_us\(nowMs\)/g, 'now_ms(nowMs)'],
  ['clock', /\bnow(?=[,)\s]*(?:,|\)))/g, '0'],
  ['condition', /\b(if|elseif) (.+) then/g, '$1 true or ($2) then', '$1 false and ($2) then'],
  ['number', /, 0(?=[,)])/g, ', 1'],
  ['number', /, 1(?=[,)])/g, ', 2'],
  ['number', /(== )1\b/g, '$12'],
  ['number', /(== )0\b/g, '$11'],
  ['field', /\bf\[1\]/g, 'f[2]'],
  ['field', /\bf\[([2-9]|1\d)\]/g, 'f[$1 - 1]'],
];

/** All mutants of a file, always the same and in the same order. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const isScript = text.startsWith('--[[');
  const from = isScript ? text.indexOf('\n]]') + 3 : 0;
  const code = blankComments(text, from);
  const edits = [...swaps(code, from), ...states(code, from), ...calls(code, from)];
  const times = new Map<string, number>();
  return edits.flatMap((edit) => {
    const changed = text.slice(0, edit.start) + edit.by + text.slice(edit.end);
    if (changed === text) return [];
    const before = lineAt(text, edit.start, edit.end);
    const after = lineAt(changed, edit.start, edit.start + edit.by.length);
    const name = `${file} ${edit.kind}: ${before} -> ${after || '(nothing)'}`;
    const nth = (times.get(name) ?? 0) + 1;
    times.set(name, nth);
    return [{ id: nth === 1 ? name : `${name} (${nth})`, file, text: changed }];
  });
}

/** The same text with comments and everything before the code made blank, so that places stay. */
function blankComments(text: string, from: number): string {
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  const body = text.slice(from).replace(/--.*/g, blank);
  return blank(text.slice(0, from)) + body;
}

function swaps(code: string, from: number): Edit[] {
  return SWAPS.flatMap(([kind, pattern, ...replacements]) =>
    [...code.matchAll(pattern)]
      .filter(({ index }) => index >= from && !inLoopHead(code, index))
      .flatMap((match) =>
        replacements.map((replacement) => ({
          kind,
          start: match.index,
          end: match.index + match[0].length,
          by: replacement.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? ''),
        })),
      ),
  );
}

function inLoopHead(code: string, index: number): boolean {
  const start = code.lastIndexOf('\n', index) + 1;
  return /^\s*for /.test(code.slice(start, index));
}

/** States in comparisons and writes; in a reply the generator would notice. */
function states(code: string, from: number): Edit[] {
  return [...code.matchAll(/'(\w+)'/g)]
    .filter(({ index }) => index >= from && !code.slice(0, index).endsWith('{ '))
    .flatMap((match) => {
      const by = STATES[match[1] ?? ''];
      if (by === undefined) return [];
      return [
        { kind: 'state', start: match.index, end: match.index + match[0].length, by: `'${by}'` },
      ];
    });
}

/** Each command left out, and each of its fields. What they are given stays in use, or the generator would refuse. */
function calls(code: string, from: number): Edit[] {
  return [...code.matchAll(/redis\.call\('(\w+)', /g)]
    .filter(({ index }) => index >= from)
    .flatMap((match) => {
      const open = match.index + 'redis.call'.length;
      const close = closing(code, open);
      const lineStart = code.lastIndexOf('\n', match.index) + 1;
      const isStatement = code.slice(lineStart, match.index).trim() === '';
      const by = `local _ = {${code.slice(open + 1, close)}}`;
      const left = { kind: 'call left out', start: match.index, end: close + 1, by };
      return [...(isStatement ? [left] : []), ...fields(code, match[1] ?? '', [open, close])];
    });
}

function fields(code: string, command: string, [open, close]: [number, number]): Edit[] {
  const commas = commasIn(code, open, close);
  const edits: Edit[] = [];
  const kind = 'field left out';
  // The first two arguments are the command and the key.
  for (let at = 1; at < commas.length; at += command === 'HSET' ? 2 : 1) {
    const start = commas[at] ?? close;
    const end = commas[at + 1] ?? close;
    if (command === 'HSET') edits.push({ kind, start, end, by: ", '-'" });
    if (command === 'HDEL' && commas.length > 2) edits.push({ kind, start, end, by: '' });
  }
  return edits;
}

/** Places of the commas between the arguments of a call. */
function commasIn(code: string, open: number, close: number): number[] {
  const commas: number[] = [];
  let depth = 0;
  for (let at = open; at < close; at += 1) {
    const char = code[at] ?? '';
    if ('({['.includes(char)) depth += 1;
    else if (')}]'.includes(char)) depth -= 1;
    else if (char === ',' && depth === 1) commas.push(at);
  }
  return commas;
}

function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === '(') depth += 1;
    if (code[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error('a call without an end');
}

/** The lines that a stretch of text touches, as one. */
function lineAt(text: string, start: number, end: number): string {
  const first = text.lastIndexOf('\n', start - 1) + 1;
  const last = text.indexOf('\n', end);
  const lines = text.slice(first, last === -1 ? undefined : last);
  return lines
    .replace(/ -- .*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

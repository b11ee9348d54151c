import { readdirSync, readFileSync } from 'node:fs';
import type { AnyScript } from '@bulletproof/kernel';
import { describe, expect, it } from '@jest/globals';
import * as bindings from '../../src/idempotency/lua/scripts.generated.js';

const lua = new URL('../../src/idempotency/lua/', import.meta.url);
const page = readFileSync(
  new URL('../../../../docs/reference/scripts.md', import.meta.url),
  'utf8',
);
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [name = '', ...lines] = section.split('\n').filter((line) => line !== '');
      return [name, lines] as const;
    }),
);
const scripts: readonly AnyScript[] = Object.values(bindings);

interface Typed {
  readonly name: string;
  readonly type: string;
  readonly list?: boolean;
  readonly optional: boolean;
}

const typed = ({ name, type, list = false, optional }: Typed): string =>
  `${name}: ${type}${list ? '[]' : ''}${optional ? '?' : ''}`;

const code = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(', ');

function sectionOf({ name, keys, args, replies }: AnyScript): string[] {
  const header = readFileSync(new URL(`${name}.lua`, lua), 'utf8');
  const tags = Object.entries(replies).map(([tag, fields]) =>
    fields.length === 0 ? tag : `${tag}(${fields.map(typed).join(', ')})`,
  );
  return [
    /@does\s+(.*)/.exec(header)?.[1] ?? '',
    `* Keys: ${code(keys)}`,
    `* Arguments: ${code(args.map(typed))}`,
    `* Replies: ${code(tags)}`,
  ];
}

describe('docs/reference/scripts.md', () => {
  it('has a section for each script, and no other', () => {
    const files = readdirSync(lua).filter((file) => file.endsWith('.lua'));
    expect([...sections.keys()].sort()).toEqual(files.map((file) => file.slice(0, -4)).sort());
  });

  it.each(scripts.map((script) => [script.name, script] as const))(
    'tells what %s does',
    (name, script) => {
      expect(sections.get(name)).toEqual(sectionOf(script));
    },
  );
});

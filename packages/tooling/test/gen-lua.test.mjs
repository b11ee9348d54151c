import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { generate } from '../src/gen-lua.mjs';

const GENERATOR = fileURLToPath(new URL('../src/gen-lua.mjs', import.meta.url));
const FRAGMENTS = fileURLToPath(new URL('../../kernel/src/lua/fragments', import.meta.url));

const CLAIM = `--[[
@script claim
@does   Claims the key, or says who holds it.
@key    record   hash of the record
@arg    token    string
@arg    leaseMs  integer
@arg    note     string?
@arg    nowMs    integer?  tests only
@reply  claimed(token:integer)
      | running(leaseLeftMs:integer, holders:string[], note:string?)
      | stale
]]
--@include now_ms
local now = now_ms(nowMs)
local function read(field)
  return redis.call('HGET', record, field)
end
if read('token') == token then
  return { 'stale' } -- a comment with KEYS[1] harms nobody
end
if leaseMs > 0 then
  return { 'running', now + leaseMs, { "a", 'b' }, note }
end
return { 'claimed', 1, }
`;

let root;

before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gen-lua-'));
  cpSync(FRAGMENTS, path.join(root, 'packages/kernel/src/lua/fragments'), { recursive: true });
});

after(() => rmSync(root, { recursive: true }));

/** Writes files into a package of their own and generates only that. */
function inPackage(files, options = {}) {
  const own = mkdtempSync(path.join(root, 'case-'));
  cpSync(path.join(root, 'packages'), path.join(own, 'packages'), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(own, 'packages/shop/src/pattern/lua', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const generated = path.join(own, 'packages/shop/src/pattern/lua/scripts.generated.ts');
  return { own, generated, ...generate({ root: own, ...options }) };
}

function problemOf(from, to, files = {}) {
  const changed = CLAIM.replace(from, to);
  assert.notEqual(changed, CLAIM, 'the planted violation changes nothing');
  const { problems, changed: written } = inPackage({ 'claim.lua': changed, ...files });
  assert.deepEqual(written, [], 'nothing is written when a script is wrong');
  assert.equal(problems.length, 1);
  return problems[0];
}

describe('gen-lua', () => {
  it('binds a script with types, checksum, line map and source', () => {
    const { generated, changed, problems } = inPackage({ 'claim.lua': CLAIM });
    assert.deepEqual(problems, []);
    assert.deepEqual(changed, ['packages/shop/src/pattern/lua/scripts.generated.ts']);
    const text = readFileSync(generated, 'utf8');
    assert.match(text, /import type \{ Script \} from '@bulletproof\/kernel';/);
    assert.match(text, /export const claim: Script<'record', ClaimArgs, ClaimReply> = \{/);
    assert.match(text, /readonly leaseMs: number;\n {2}readonly note\?: string \| undefined;/);
    assert.match(text, /\| \{ readonly tag: 'claimed'; readonly token: number \}/);
    assert.match(
      text,
      /readonly holders: readonly string\[\]; readonly note: string \| undefined \}/,
    );
    assert.match(text, /\| \{ readonly tag: 'stale' \}/);
    assert.match(text, /lines: \[\[1, 'now_ms.lua', 1\], \[9, '', 0\], \[10, 'claim.lua', 13\],/);
  });

  it('maps every emitted line back to where it was written', () => {
    const { generated } = inPackage({ 'claim.lua': CLAIM });
    const text = readFileSync(generated, 'utf8');
    const emitted = /source: `([^`\\]|\\.)*`/.exec(text)[0].slice('source: `'.length).split('\n');
    const at = emitted.findIndex((line) => line.startsWith("if read('token')")) + 1;
    const [, first, line] = /\[(\d+), 'claim.lua', (\d+)\]/.exec(text).map(Number);
    assert.match(CLAIM.split('\n')[line + at - first - 1], /^if read\('token'\)/);
  });

  it('names bindings in camelCase and looks into src and test of every package', () => {
    const script = CLAIM.replace('@script claim', '@script claim_all');
    const { generated } = inPackage({ 'claim_all.lua': script });
    assert.match(
      readFileSync(generated, 'utf8'),
      /export const claimAll: Script<'record', ClaimAllArgs/,
    );
  });

  it("prefers the package's own fragments", () => {
    const { generated } = inPackage({
      'claim.lua': CLAIM,
      'fragments/now_ms.lua': 'local function now_ms(own)\n  return own or 7\nend\n',
    });
    assert.match(readFileSync(generated, 'utf8'), /local function now_ms\(own\)/);
  });

  it('includes what a fragment includes, once and first', () => {
    const { generated, problems } = inPackage({
      'claim.lua': CLAIM.replace('now_ms(nowMs)\n', 'later(nowMs)\n').replace(
        'include now_ms',
        'include later',
      ),
      'fragments/later.lua':
        '--@include now_ms\nlocal function later(t)\n  return now_ms(t) + 1\nend\n',
    });
    assert.deepEqual(problems, []);
    const text = readFileSync(generated, 'utf8');
    assert.equal(text.split('local function now_ms').length, 2);
    assert.ok(text.indexOf('local function now_ms') < text.indexOf('local function later'));
  });

  it('keeps source text intact inside the TypeScript string', () => {
    const odd = CLAIM.replace("{ 'stale' } --", `{ 'stale' } -- \` \${x} \\\\ é`);
    const { generated } = inPackage({ 'claim.lua': odd });
    const text = readFileSync(generated, 'utf8');
    const literal = text.slice(
      text.indexOf('source: `') + 'source: '.length,
      text.lastIndexOf(','),
    );
    const source = runInNewContext(literal);
    assert.ok(source.includes(odd.slice(odd.indexOf(']]\n') + 3).trimEnd()));
    assert.match(text, new RegExp(createHash('sha1').update(source).digest('hex')));
  });

  it('writes nothing when nothing changed', () => {
    const { own } = inPackage({ 'claim.lua': CLAIM });
    assert.deepEqual(generate({ root: own }), { changed: [], problems: [] });
  });

  it('reports drift with --check and does not repair it', () => {
    const { own, generated } = inPackage({ 'claim.lua': CLAIM });
    const run = () =>
      spawnSync(process.execPath, [GENERATOR, '--check', own], { encoding: 'utf8' });
    assert.equal(run().status, 0);
    writeFileSync(
      path.join(path.dirname(generated), 'claim.lua'),
      CLAIM.replace('leaseMs > 0', 'leaseMs > 1'),
    );
    const before = readFileSync(generated, 'utf8');
    const { status, stdout } = run();
    assert.equal(status, 1);
    assert.match(stdout, /scripts\.generated\.ts is out of date/);
    assert.equal(readFileSync(generated, 'utf8'), before);
  });

  it('exits 1 and shows every problem', () => {
    const { own } = inPackage({ 'claim.lua': 'return 1\n', 'close.lua': 'return 2\n' });
    const { status, stderr } = spawnSync(process.execPath, [GENERATOR, own], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /claim\.lua:1: .*header/);
    assert.match(stderr, /close\.lua:1: .*header/);
  });
});

describe('gen-lua refuses', () => {
  const planted = [
    [
      'a key that is not used',
      '@arg    token',
      '@key    spare\n@arg    token',
      /claim\.lua:5: "spare" is declared and never used/,
    ],
    [
      'an argument that is not used',
      '@arg    nowMs',
      '@arg    spare  string\n@arg    nowMs',
      /"spare" is declared and never used/,
    ],
    [
      'an argument that is only the name of a field',
      /(@arg {4}nowMs[\s\S]*)now \+/,
      '@arg    spare  string\n$1now.spare +',
      /"spare" is declared and never used/,
    ],
    [
      'a tag that is not declared',
      "{ 'stale' }",
      "{ 'gone' }",
      /claim\.lua:19: returns 'gone', which no @reply declares/,
    ],
    [
      'a tag that is never returned',
      '      | stale',
      '      | stale | gone',
      /claim\.lua:9: @reply gone is never returned/,
    ],
    [
      'KEYS in a body',
      "'HGET', record",
      "'HGET', KEYS[1] or record",
      /claim\.lua:16: KEYS in a body/,
    ],
    ['ARGV in a body', 'leaseMs > 0', 'leaseMs > #ARGV', /claim\.lua:21: ARGV in a body/],
    [
      'a reply that is no literal',
      "return { 'stale' }",
      'return note',
      /claim\.lua:19: .*literal reply/,
    ],
    ['a return without a reply', "return { 'stale' }", 'return', /claim\.lua:19: .*literal reply/],
    [
      'too few fields',
      "{ 'claimed', 1, }",
      "{ 'claimed' }",
      /returns 'claimed' with 0 fields, its @reply declares token/,
    ],
    [
      'too many fields',
      "{ 'stale' }",
      "{ 'stale', 1 }",
      /returns 'stale' with 1 fields, its @reply declares none/,
    ],
    [
      'a script that reads the clock itself',
      'now_ms(nowMs)',
      "now_ms(nowMs) + redis.call('time')[1]",
      /reads the clock itself/,
    ],
    [
      'a clock without nowMs',
      /@arg {4}nowMs.*\n/,
      '',
      /declares "@arg nowMs integer\?" as its last/,
    ],
    [
      'nowMs that is not optional',
      'nowMs    integer?',
      'nowMs    integer',
      /declares "@arg nowMs integer\?" as its last/,
    ],
    [
      'an unknown fragment',
      'include now_ms',
      'include later_ms',
      /claim\.lua:13: no fragment later_ms\.lua/,
    ],
    [
      'a fragment that is not called',
      'now_ms(nowMs)',
      'nowMs or 0',
      /claim\.lua:13: includes now_ms and never calls now_ms/,
    ],
    [
      'a malformed include',
      '--@include now_ms',
      '-- @includes now_ms',
      /claim\.lua:13: not understood/,
    ],
    ['an unknown directive', '@does', '@doez', /claim\.lua:3: unknown directive @doez/],
    [
      'an unknown type',
      'leaseMs  integer',
      'leaseMs  int',
      /claim\.lua:6: @arg leaseMs: "int" is no type/,
    ],
    ['a reply field without a type', 'token:integer', 'token', /"token" is no reply field/],
    ['a reply field called tag', 'token:integer', 'tag:integer', /"tag:integer" is no reply field/],
    ['a malformed reply', 'claimed(token:integer)', 'Claimed!', /"Claimed!" is no reply/],
    ['a name declared twice', 'note     string?', 'token    string', /"token" is declared twice/],
    [
      'a name that Lua has taken',
      'note     string?',
      'end      string?',
      /"end" cannot be the name of a local/,
    ],
    ['a script without a key', '@key    record   hash of the record\n', '', /@key is missing/],
    ['a script without @does', /@does.*\n/, '', /@does is missing/],
    ['another name than its file', '@script claim', '@script clame', /must be the file's name/],
    [
      'more than 80 lines',
      'local now = ',
      `${'-- filler\n'.repeat(60)}local now = `,
      /84 lines; a script has at most 80/,
    ],
    ['what is no Lua', 'leaseMs > 0', 'leaseMs > 0 ? 1 : 2', /claim\.lua:21: not Lua/],
  ];
  for (const [what, from, to, expected] of planted) {
    it(what, () => assert.match(problemOf(from, to), expected));
  }

  const use = (text) =>
    problemOf('include now_ms', 'include own\n--@include now_ms', { 'fragments/own.lua': text });

  it('a fragment that holds more than functions', () => {
    assert.match(
      use('local x = 1\nlocal function own() return x end\n'),
      /own\.lua:1: a fragment holds local functions only/,
    );
    assert.match(use('function own() end\n'), /own\.lua:1: a fragment holds local functions only/);
  });

  it('a fragment of more than 40 lines', () => {
    assert.match(
      use(`local function own()\n${'-- filler\n'.repeat(40)}end\n`),
      /own\.lua:42: 42 lines; a fragment has at most 40/,
    );
  });

  it('KEYS and TIME in a fragment', () => {
    assert.match(use('local function own() return KEYS[1] end\n'), /own\.lua:1: KEYS in a body/);
    assert.match(
      use("local function own() return redis.call('TIME') end\n"),
      /own\.lua:1: reads the clock itself/,
    );
  });

  it('fragments that include each other', () => {
    const { problems } = inPackage({
      'claim.lua': CLAIM.replace('include now_ms', 'include ping\n--@include now_ms').replace(
        'now_ms(nowMs)',
        'ping(now_ms(nowMs))',
      ),
      'fragments/ping.lua': '--@include pong\nlocal function ping(t) return pong(t) end\n',
      'fragments/pong.lua': '--@include ping\nlocal function pong(t) return ping(t) end\n',
    });
    assert.match(problems[0], /fragment ping includes itself/);
  });
});

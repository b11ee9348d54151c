import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { CLAIM, inPackage, removeWorkspaces } from './lua-workspace.mjs';

after(removeWorkspaces);

/**
 * @param {string | RegExp} from what of the good script is replaced
 * @param {string} to by what
 * @param {Record<string, string>} files more files beside it
 */
function problemOf(from, to, files = {}) {
  const changed = CLAIM.replace(from, to);
  assert.notEqual(changed, CLAIM, 'the planted violation changes nothing');
  const { problems, changed: written } = inPackage({ 'claim.lua': changed, ...files });
  assert.deepEqual(written, [], 'nothing is written when a script is wrong');
  assert.equal(problems.length, 1);
  return problems[0] ?? '';
}

describe('gen-lua refuses', () => {
  /** @type {Array<[what: string, from: string | RegExp, to: string, expected: RegExp]>} */
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

  const use = (/** @type {string} */ text) =>
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
    assert.match(problems[0] ?? '', /fragment ping includes itself/);
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { generate } from '../src/gen-lua.mjs';
import { CLAIM, inPackage, removeWorkspaces } from './lua-workspace.mjs';

const GENERATOR = fileURLToPath(new URL('../src/gen-lua.mjs', import.meta.url));

after(removeWorkspaces);

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
    const emitted = text.slice(text.indexOf('source: `') + 'source: `'.length).split('\n');
    const at = emitted.findIndex((line) => line.startsWith("if read('token')")) + 1;
    const range = /\[(\d+), 'claim.lua', (\d+)\]/.exec(text);
    const line = Number(range?.[2]) + at - Number(range?.[1]);
    assert.match(CLAIM.split('\n')[line - 1] ?? '', /^if read\('token'\)/);
  });

  it('names bindings in camelCase', () => {
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

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from '../src/gen-lua.mjs';

const FRAGMENTS = fileURLToPath(new URL('../../kernel/src/lua/fragments', import.meta.url));

/** A script that uses everything the header grammar has. */
export const CLAIM = `--[[
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

const root = mkdtempSync(path.join(tmpdir(), 'gen-lua-'));

/**
 * Writes files into the lua folder of a workspace of their own and generates its bindings.
 * @param {Record<string, string>} files
 */
export function inPackage(files) {
  const own = mkdtempSync(path.join(root, 'case-'));
  cpSync(FRAGMENTS, path.join(own, 'packages/kernel/src/lua/fragments'), { recursive: true });
  const folder = path.join(own, 'packages/shop/src/pattern/lua');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return { own, generated: path.join(folder, 'scripts.generated.ts'), ...generate({ root: own }) };
}

/** Deletes every workspace made here. */
export function removeWorkspaces() {
  rmSync(root, { recursive: true });
}

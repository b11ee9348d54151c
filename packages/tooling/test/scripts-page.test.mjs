import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { generate } from '../src/gen-lua.mjs';
import { MARK, PAGE } from '../src/lua/page.mjs';
import { CLAIM, inPackage, removeWorkspaces } from './lua-workspace.mjs';

after(removeWorkspaces);

/** @param {string} text what the page holds before */
function withPage(text) {
  const { own } = inPackage({ 'claim.lua': CLAIM });
  const page = path.join(own, PAGE);
  mkdirSync(path.dirname(page), { recursive: true });
  writeFileSync(page, text);
  return { own, page };
}

describe('the page of scripts', () => {
  it('is written from the headers, below what people wrote', () => {
    const { own, page } = withPage(`# Scripts\n\nBy people.\n\n${MARK}\n\n## gone\n`);
    assert.deepEqual(generate({ root: own }).changed, [PAGE]);
    assert.equal(
      readFileSync(page, 'utf8'),
      `# Scripts

By people.

${MARK}

## packages/shop/src/pattern/lua

### claim

Claims the key, or says who holds it.

* Keys: \`record\`
* Arguments: \`token: string\`, \`leaseMs: integer\`, \`note: string?\`, \`nowMs: integer?\`
* Replies: \`claimed(token: integer)\`, \`running(leaseLeftMs: integer, holders: string[], note: string?)\`, \`stale\`
`,
    );
    assert.deepEqual(generate({ root: own }).changed, []);
  });

  it('is out of date when a header has changed', () => {
    const { own, page } = withPage(`# Scripts\n\n${MARK}\n`);
    generate({ root: own });
    const changed = readFileSync(page, 'utf8').replace('leaseMs: integer', 'leaseMs: number');
    writeFileSync(page, changed);
    assert.deepEqual(generate({ root: own, check: true }).changed, [PAGE]);
    assert.equal(readFileSync(page, 'utf8'), changed);
  });
});

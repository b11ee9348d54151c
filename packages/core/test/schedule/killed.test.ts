import { type Child, removeKeys, startChild } from '@bulletproof/test-kit';
import { afterEach, expect, it } from '@jest/globals';
import { trial } from '../app/trial.js';

const t = trial();
const children: Child[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  await removeKeys(t.redis, t.prefix);
});

function beater(): Child {
  const BEATER = JSON.stringify({ redis: t.url, prefix: t.prefix });
  const child = startChild(new URL('./fixtures/beater.ts', import.meta.url), { env: { BEATER } });
  children.push(child);
  return child;
}

it('a schedule of after survives kill -9 in the middle of a run: that run goes on, then the next one comes', async () => {
  const first = beater();
  await first.message('ready');
  const { key: begun } = await first.message('beat');
  first.tell('go');
  const { key: cut } = await first.message('beat');
  expect(cut).not.toBe(begun);
  await first.kill();

  const second = beater();
  const again = await second.message('beat');
  expect(again).toMatchObject({ key: cut, attempt: 1 });
  second.tell('go');
  const next = await second.message('beat');
  expect(next.key).not.toBe(cut);
  expect(second.pending()).toEqual([expect.objectContaining({ say: 'ready' })]);
}, 30_000);

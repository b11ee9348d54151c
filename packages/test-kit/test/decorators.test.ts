import { describe, expect, it } from '@jest/globals';
import { startChild } from '../src/index.js';

const seen: unknown[] = [];

function record(target: object, key: string, descriptor: PropertyDescriptor) {
  seen.push([target.constructor.name, key, typeof descriptor.value]);
}

class Legacy {
  @record
  run(): void {}
}

describe('a file *.test.ts', () => {
  it('is compiled with legacy decorators', () => {
    expect(new Legacy().run()).toBeUndefined();
    expect(seen).toEqual([['Legacy', 'run', 'function']]);
  });
});

describe('a child process', () => {
  it.each(['legacy', 'standard'])('compiles %s decorators by the file name', async (dialect) => {
    const name = dialect === 'legacy' ? 'decorated' : 'decorated.standard';
    const child = startChild(new URL(`fixtures/${name}.ts`, import.meta.url));
    expect(await child.message('decorated')).toMatchObject({ dialect });
    await child.exited;
  });
});

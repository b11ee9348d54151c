import { describe, expect, it } from '@jest/globals';

const seen: unknown[] = [];

function record(method: () => void, context: ClassMethodDecoratorContext) {
  seen.push([typeof method, context.kind, context.name]);
}

class Standard {
  @record
  run(): void {}
}

describe('a file *.standard.test.ts', () => {
  it('is compiled with standard ECMAScript decorators', () => {
    expect(new Standard().run()).toBeUndefined();
    expect(seen).toEqual([['function', 'method', 'run']]);
  });
});

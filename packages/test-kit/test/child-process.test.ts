import { afterEach, describe, expect, it } from '@jest/globals';
import { type Child, processState, startChild, untilProcess } from '../src/index.js';

const fixture = (name: string) => new URL(`fixtures/${name}.ts`, import.meta.url);
const started: Child[] = [];

function start(...args: Parameters<typeof startChild>) {
  const child = startChild(...args);
  started.push(child);
  return child;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.kill()));
});

describe('startChild', () => {
  it('runs a TypeScript file and talks with it', async () => {
    const child = start(fixture('echo'), { env: { ECHO_TEST: 'yes' } });
    expect(await child.message('ready')).toEqual({ say: 'ready', pid: child.pid, variable: 'yes' });
    child.tell('echo', { text: 'one' });
    child.tell('echo', { text: 'two' });
    expect(await child.message('echoed', ({ text }) => text === 'two')).toMatchObject({
      text: 'two',
    });
    expect(child.pending()).toEqual([{ say: 'echoed', text: 'one' }]);
    expect(await child.message('echoed')).toMatchObject({ text: 'one' });
    expect(child.output).toBe('not a message\n');
  });

  it('kills with SIGKILL and reports it', async () => {
    const child = start(fixture('echo'));
    await child.message('ready');
    await child.kill();
    expect(child.running).toBe(false);
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('rejects a wait for a message when the child ends, with its output', async () => {
    const child = start(fixture('echo'));
    await child.message('ready');
    const wait = child.message('never');
    child.tell('fail');
    await expect(wait).rejects.toThrow(/ended with 1[\s\S]*told to fail[\s\S]*echo\.ts:7/);
    await expect(child.message('never')).rejects.toThrow(/No message never is left/);
  });

  it('lets a child end by itself when it listens to nothing', async () => {
    const child = start(fixture('idle'));
    await child.message('done');
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it('does not leave a child behind when its parent is gone', async () => {
    const middle = start(fixture('parent-of-echo'));
    const { pid } = await middle.message('grandchild');
    await middle.kill();
    await untilProcess(Number(pid), 'ended');
    expect(processState(Number(pid))).toBe('ended');
  });
});

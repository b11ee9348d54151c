import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';

const options = new URL('../../dist/runtime/options.js', import.meta.url).href;
const PROGRAM = `
  const { resolveOptions } = await import('${options}');
  const { logger } = resolveOptions({ redis: 'redis://127.0.0.1:1' });
  process.stdin.once('data', () => {
    logger.warn('nobody reads this');
    logger.warn('nor that, which would wait for the first');
    process.exit(7);
  });
  logger.warn('started');
`;

it('lets a process end whose output nobody reads any more', async () => {
  const flags = ['--input-type=module', '-e', PROGRAM];
  const child = spawn(process.execPath, flags, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
  try {
    const [line] = await once(child.stdout, 'data');
    expect(JSON.parse(String(line))).toMatchObject({ name: 'bulletproof', msg: 'started' });
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.stdin.write('end\n');
    expect(await exited).toEqual([7, null]);
  } finally {
    child.kill('SIGKILL');
  }
}, 30_000);

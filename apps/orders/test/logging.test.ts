import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';

const logging = new URL('../dist/logging.js', import.meta.url).href;
const PROGRAM = `
  const { createLogger } = await import('${logging}');
  const logger = createLogger({ LOG_LEVEL: 'info', PROCESS_NAME: 'p' });
  process.stdin.once('data', () => {
    logger.info('nobody reads this');
    logger.info('nor that, which waits for the first');
    process.exit(7);
  });
  logger.info('started');
`;

it('lets a process end whose output nobody reads any more', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
  try {
    const [line] = await once(child.stdout, 'data');
    expect(JSON.parse(String(line))).toMatchObject({ process: 'p', msg: 'started' });
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.stdin.write('end\n');
    expect(await exited).toEqual([7, null]);
  } finally {
    child.kill('SIGKILL');
  }
}, 30_000);

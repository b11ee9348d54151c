import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** A run of `npm run chaos` that is over. */
export interface ChaosRun {
  readonly status: number | null;
  readonly output: string;
  /** The JSON line at its end; empty when there was none. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** Runs the program in a process of its own, on the tests' Redis unless the scenario starts its own. */
export async function chaos(commandLine: string): Promise<ChaosRun> {
  const child = spawn(process.execPath, [entry, ...commandLine.split(' '), '--json'], {
    env: { ...process.env, REDIS_URL: process.env.TEST_REDIS_URL },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
  }
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const last = output.trim().split('\n').at(-1) ?? '';
  const report = last.startsWith('{') ? (JSON.parse(last) as ChaosRun['report']) : {};
  return { status, output, report };
}

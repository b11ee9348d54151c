import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));

/** A demo that runs in a process of its own. */
export interface DemoProcess {
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** What it has printed as errors. */
  readonly complaints: readonly string[];
  /** Resolves with the first line that matches. */
  line(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit status. */
  readonly exited: Promise<number | null>;
}

/** Starts `npm run demo`'s program. */
export function startDemo(args: string[], env: Record<string, string>): DemoProcess {
  const inherited = { ...process.env };
  delete inherited.REDIS_URL;
  delete inherited.DATABASE_URL;
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const tell of waiting) tell(line);
  });
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    lines,
    complaints,
    exited,
    signal: (signal) => child.kill(signal),
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (line: string) => {
          if (pattern.test(line)) resolve(line);
        };
        lines.forEach(look);
        waiting.add(look);
        void exited.then(() =>
          reject(
            new Error(`It ended without ${pattern}:\n${[...lines, ...complaints].join('\n')}`),
          ),
        );
      }),
  };
}

/** Command lines of the living processes that inherited that variable; Linux only, empty elsewhere. */
export async function processesWith(variable: string): Promise<string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        const environment = await readFile(`/proc/${id}/environ`, 'utf8');
        if (!environment.split('\0').includes(variable)) return [];
        return [(await readFile(`/proc/${id}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()];
      } catch {
        return []; // it ended while we looked
      }
    }),
  );
  return found.flat().filter((command) => command !== '');
}

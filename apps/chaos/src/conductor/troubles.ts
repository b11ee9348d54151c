import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHOWN = 5;
const WIDTH = 400;

/** The last lines that the processes of a stage printed: they print nothing while all is well. */
export function troublesIn(folder: string): string {
  const logs = readdirSync(folder).filter((file) => file.endsWith('.log'));
  const lines = logs.flatMap((file) => {
    const printed = readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return printed.slice(-SHOWN).map((line) => `${file}: ${line.slice(0, WIDTH)}\n`);
  });
  return lines.slice(-SHOWN * 5).join('');
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SHOWN = 8;
const WIDTH = 300;
const PINO_ERROR = 50;

/** The last error lines, and lines that are no log lines, of all processes that wrote into the folder. */
export async function troublesIn(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.log')).sort();
  const troubles: string[] = [];
  for (const file of files) {
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n').filter(isTrouble);
    troubles.push(...lines.slice(-SHOWN).map((line) => `${file}: ${line.slice(0, WIDTH)}`));
  }
  return troubles;
}

function isTrouble(line: string): boolean {
  if (line.trim() === '') return false;
  try {
    const { level } = JSON.parse(line) as { level?: number };
    return (level ?? PINO_ERROR) >= PINO_ERROR;
  } catch {
    return true;
  }
}

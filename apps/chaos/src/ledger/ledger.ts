import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import type { LedgerEntry, LedgerLine } from './lines.js';

/**
 * A file that only grows. Every line is one write with O_APPEND, so that lines of many processes never mix, their order is the
 * order of what happened, and a killed process has either written a line or not.
 */
export class Ledger {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  /** Returns when the line is in the file. */
  write(entry: LedgerEntry): void {
    const line: LedgerLine = { ...entry, atMs: Date.now() };
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** All lines of a ledger, oldest first. */
export function readLedger(path: string): LedgerLine[] {
  return linesOf(readFileSync(path, 'utf8'));
}

/** Reads what a ledger has grown by since the last look. */
export class LedgerTail {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(1 << 16);
  #offset = 0;
  #rest = '';

  constructor(path: string) {
    this.#file = openSync(path, 'a+');
  }

  next(): LedgerLine[] {
    let text = this.#rest;
    for (;;) {
      const count = readSync(this.#file, this.#buffer, 0, this.#buffer.length, this.#offset);
      if (count === 0) break;
      this.#offset += count;
      text += this.#buffer.toString('latin1', 0, count);
    }
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end);
    return linesOf(text.slice(0, end));
  }

  close(): void {
    closeSync(this.#file);
  }
}

function linesOf(text: string): LedgerLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine);
}

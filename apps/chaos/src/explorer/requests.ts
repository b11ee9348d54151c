import { createHash } from 'node:crypto';

/** One command on its way to Redis. */
export interface Command {
  readonly bytes: Buffer;
  /** The command's name, of a script with the beginning of its SHA-1. */
  readonly name: string;
}

const LINE_END = '\r\n';
const SHA_SHOWN = 8;

/** Cuts what a client sends into commands, whatever the pieces in which it arrives. */
export class Requests {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): Command[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const commands: Command[] = [];
    for (let next = this.#first(); next; next = this.#first()) {
      commands.push(next);
      this.#rest = this.#rest.subarray(next.bytes.length);
    }
    return commands;
  }

  /** The first command, if all of it is there: an array of bulk strings. */
  #first(): Command | undefined {
    const head = this.#number('*', 0);
    if (!head) return undefined;
    let { end } = head;
    const parts: Buffer[] = [];
    for (let nth = 0; nth < head.value; nth += 1) {
      const length = this.#number('$', end);
      if (!length) return undefined;
      const from = length.end;
      end = from + length.value + LINE_END.length;
      if (end > this.#rest.length) return undefined;
      // The name, and of a script what tells it from others: no more is looked at.
      if (nth < 2) parts.push(this.#rest.subarray(from, from + length.value));
    }
    return { bytes: this.#rest.subarray(0, end), name: nameOf(parts) };
  }

  #number(mark: string, from: number): { value: number; end: number } | undefined {
    const at = this.#rest.indexOf(LINE_END, from);
    if (at === -1) return undefined;
    const text = this.#rest.toString('latin1', from, at);
    if (!text.startsWith(mark)) throw new Error(`Expected ${mark} and a number, got ${text}`);
    return { value: Number(text.slice(1)), end: at + LINE_END.length };
  }
}

function nameOf([command, first]: readonly Buffer[]): string {
  const name = (command ?? '').toString().toUpperCase();
  if (name === 'EVALSHA') return `script ${String(first).slice(0, SHA_SHOWN)}`;
  if (name !== 'EVAL' || !first) return name;
  return `script ${createHash('sha1').update(first).digest('hex').slice(0, SHA_SHOWN)}`;
}

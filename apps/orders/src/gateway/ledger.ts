import { type FileHandle, open, readFile } from 'node:fs/promises';

/** How a request ended, as the gateway saw it. */
export type Outcome =
  | 'charged'
  | 'replayed'
  | 'conflict'
  | 'invalid'
  | 'fault-error'
  | 'fault-cut'
  | 'fault-double'
  | 'fault-down'
  | 'caller-gone';

/** One line of the ledger. */
export type LedgerEntry =
  | {
      type: 'request';
      request: number;
      atMs: number;
      key: string | null;
      caller: string | null;
      /** Counts the gateway's connections: requests of one connection follow each other. */
      connection: number;
      orderId: string | null;
    }
  | {
      type: 'charge';
      request: number;
      atMs: number;
      chargeId: string;
      key: string | null;
      orderId: string;
      amountCents: number;
      bodyDigest: string;
    }
  | { type: 'end'; request: number; atMs: number; outcome: Outcome };

interface Waiting {
  line: string;
  written: () => void;
  failed: (error: unknown) => void;
}

/**
 * The gateway's books: a file of JSON lines that only grows. An entry counts when `append` resolves, which is
 * after fsync; entries that wait together share one fsync.
 */
export class Ledger {
  private waiting: Waiting[] = [];
  private flushing: Promise<void> = Promise.resolve();

  private constructor(private readonly file: FileHandle) {}

  /** Opens or creates the file and gives the entries that are in it. */
  static async open(path: string): Promise<{ ledger: Ledger; entries: LedgerEntry[] }> {
    const file = await open(path, 'a');
    const entries = await readLedger(path);
    const text = await readFile(path, 'utf8');
    // A write that a crash has torn must not swallow the next line.
    if (text !== '' && !text.endsWith('\n')) await file.appendFile('\n');
    return { ledger: new Ledger(file), entries };
  }

  /** Writes one entry; resolves when it is on disk. */
  append(entry: LedgerEntry): Promise<void> {
    return new Promise((written, failed) => {
      this.waiting.push({ line: `${JSON.stringify(entry)}\n`, written, failed });
      if (this.waiting.length === 1) this.flushing = this.flushing.then(() => this.flush());
    });
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    await this.flushing;
    await this.file.close();
  }

  private async flush(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    try {
      await this.file.appendFile(batch.map(({ line }) => line).join(''));
      await this.file.datasync();
      for (const { written } of batch) written();
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  }
}

/** Reads all entries of a ledger; lines torn by a crash were never acknowledged and are left out. */
export async function readLedger(path: string): Promise<LedgerEntry[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as LedgerEntry];
    } catch {
      return [];
    }
  });
}

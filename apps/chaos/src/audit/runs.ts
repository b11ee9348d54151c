import type { LedgerLine, RunLine } from '../ledger/lines.js';

/** How a run ended: by itself, with its process, or, when nothing says so, not at all. */
export type RunEnd = 'returned' | 'threw' | 'killed';

/** One run of a handler, as the ledger tells it. Places are line numbers: their order is the order of what happened. */
export interface RunStory {
  readonly key: string;
  readonly run: string;
  readonly pid: number;
  readonly attempt: number;
  readonly token: number;
  readonly beganAt: number;
  /** Epoch ms. */
  readonly beganAtMs: number;
  actedAt?: number;
  recordedAt?: number;
  /** The run whose effect its step remembers. */
  receipt?: string;
  end?: { readonly how: RunEnd; readonly at: number; readonly error?: string };
}

/** A kill, with the runs that it cut off. */
export interface KillStory {
  readonly pid: number;
  /** Epoch ms. */
  readonly atMs: number;
  readonly inFlight: readonly RunStory[];
}

/** All that the ledger tells of runs. */
export interface Stories {
  readonly byKey: ReadonlyMap<string, readonly RunStory[]>;
  readonly kills: readonly KillStory[];
}

/** Puts the lines of a ledger together. */
export function storiesOf(lines: readonly LedgerLine[]): Stories {
  const byKey = new Map<string, RunStory[]>();
  const byRun = new Map<string, RunStory>();
  const kills: KillStory[] = [];
  lines.forEach((line, at) => {
    if (line.what === 'answered') return;
    if (line.what === 'killed') {
      const inFlight = [...byRun.values()].filter(({ pid, end }) => pid === line.pid && !end);
      for (const story of inFlight) story.end = { how: 'killed', at };
      kills.push({ pid: line.pid, atMs: line.atMs, inFlight });
      return;
    }
    if (line.what === 'began') {
      const { key, run, pid, attempt, token, atMs: beganAtMs } = line;
      const story = { key, run, pid, attempt, token, beganAt: at, beganAtMs };
      byRun.set(run, story);
      byKey.set(key, [...(byKey.get(key) ?? []), story]);
      return;
    }
    const story = byRun.get(line.run);
    if (story) goOn(story, line, at);
  });
  return { byKey, kills };
}

/** How long it took until the calls that kills cut off were at work again, at most, ms; 0 when none had to be. */
export function longestRecoveryMs({ byKey, kills }: Stories): number {
  const waits = kills.flatMap(({ atMs, inFlight }) =>
    inFlight.flatMap((cut) => {
      const runs = byKey.get(cut.key) ?? [];
      const next = runs[runs.indexOf(cut) + 1];
      return next ? [next.beganAtMs - atMs] : [];
    }),
  );
  return Math.max(0, ...waits);
}

function goOn(story: RunStory, line: Exclude<RunLine, { what: 'began' }>, at: number) {
  switch (line.what) {
    case 'acted':
      story.actedAt = at;
      break;
    case 'recorded':
      story.recordedAt = at;
      story.receipt = line.receipt;
      break;
    case 'returned':
      story.end ??= { how: 'returned', at };
      break;
    case 'threw':
      story.end ??= { how: 'threw', at, error: line.error };
      break;
  }
}

import type { Ask, BreakerRecord, Bucket, Counts, Limits, Window } from './state.js';

/** The window's totals, and whose failures are in it. */
export interface Totals extends Counts {
  /** How many processes reported failures; with a quorum of 1 nobody counts them. */
  readonly reporters: number;
}

/** Names a window's shape; the processes of a fleet share a window when they agree about it. */
export function shapeOf({ windowMs, buckets }: Limits): string {
  return `${windowMs}x${buckets}`;
}

/** Adds outcomes to the window of the record's epoch. */
export function counted(
  record: BreakerRecord,
  counts: Counts,
  ask: Ask,
  nowMs: number,
): { readonly record: BreakerRecord; readonly totals: Totals } {
  const { limits } = ask;
  const shape = shapeOf(limits);
  const window = record.windows.get(shape);
  const current: Window =
    window?.epoch === record.epoch
      ? window
      : { epoch: record.epoch, buckets: new Map(), reporters: new Map() };
  const stamp = Math.floor(nowMs / bucketMs(limits));
  const buckets = new Map(current.buckets);
  buckets.set(stamp % limits.buckets, added(buckets.get(stamp % limits.buckets), counts, stamp));
  const reporters = reported(current.reporters, isBad(counts), ask, nowMs);
  const windows = new Map(record.windows).set(shape, { ...current, buckets, reporters });
  const live = [...buckets.values()].filter((bucket) => isLive(bucket, stamp, limits));
  return {
    record: { ...record, windows },
    totals: { ...sumOf(live), reporters: reporters.size },
  };
}

/** True when outcomes speak against the dependency: only then is it judged, a success never opens. */
export function isBad({ failed, slow }: Counts): boolean {
  return failed > 0 || slow > 0;
}

function bucketMs({ windowMs, buckets }: Limits): number {
  return Math.floor(windowMs / buckets);
}

function added(bucket: Bucket | undefined, counts: Counts, stamp: number): Bucket {
  const before = bucket?.stamp === stamp ? bucket : { passed: 0, failed: 0, slow: 0 };
  return {
    stamp,
    passed: before.passed + counts.passed,
    failed: before.failed + counts.failed,
    slow: before.slow + counts.slow,
  };
}

function isLive(bucket: Bucket, stamp: number, { buckets }: Limits): boolean {
  return bucket.stamp > stamp - buckets && bucket.stamp <= stamp;
}

function sumOf(buckets: readonly Bucket[]): Counts {
  const sum = { passed: 0, failed: 0, slow: 0 };
  for (const { passed, failed, slow } of buckets) {
    sum.passed += passed;
    sum.failed += failed;
    sum.slow += slow;
  }
  return sum;
}

function reported(
  reporters: ReadonlyMap<string, number>,
  bad: boolean,
  { by, limits }: Ask,
  nowMs: number,
): ReadonlyMap<string, number> {
  if (limits.quorum <= 1) return reporters;
  const next = new Map(reporters);
  if (bad) next.set(by, nowMs);
  for (const [id, atMs] of next) if (atMs <= nowMs - limits.windowMs) next.delete(id);
  return next;
}

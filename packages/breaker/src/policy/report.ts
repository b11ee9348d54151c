import { opened } from './move.js';
import { repaired } from './repair.js';
import {
  type Ask,
  type BreakerRecord,
  type Counts,
  concluded,
  type Decision,
  type Limits,
  type Told,
} from './state.js';
import { counted, isBad, type Totals } from './window.js';

/** Outcomes that a process reports. */
export interface ReportRequest extends Counts {
  readonly kind: 'report';
  /** The epoch under which these calls were admitted. */
  readonly admittedEpoch: number;
  /** True opens the fleet with this process, whatever the window says. */
  readonly trip: boolean;
}

/** Why a report did not open the breaker. */
export type Hindrance = 'none' | 'volume' | 'rate' | 'quorum';

/** The answer to a report. */
export type ReportReply =
  /** Counted, and the breaker stays closed; `hindrance` is `none` when nothing bad was reported. */
  | ({
      readonly tag: 'counted';
      readonly hindrance: Hindrance;
      readonly total: number;
      readonly failed: number;
    } & Told)
  | ({ readonly tag: 'opened' } & Told)
  /** Not counted: these calls were admitted under another epoch, or the breaker counts nothing now. */
  | ({ readonly tag: 'dropped' } & Told);

/** Counts outcomes, and opens the breaker when they exceed its limits. */
export function decideReport(
  record: BreakerRecord,
  { ask, request }: { readonly ask: Ask; readonly request: ReportRequest },
  nowMs: number,
): Decision<ReportReply> {
  const before = { ...repaired(record, ask, nowMs), config: ask.config };
  if (before.state !== 'closed' || before.epoch !== request.admittedEpoch) {
    return concluded(record, before, { answer: { tag: 'dropped' }, ask, nowMs });
  }
  const { record: after, totals } = counted(before, request, ask, nowMs);
  const verdict = judge(totals, ask.limits, isBad(request));
  if (verdict.opens || request.trip) {
    const reason = request.trip ? 'local-trip' : verdict.reason;
    const next = opened(after, reason, ask, nowMs);
    return concluded(record, next, { answer: { tag: 'opened' }, ask, nowMs });
  }
  const answer = {
    tag: 'counted',
    hindrance: verdict.reason,
    total: totals.passed + totals.failed,
    failed: totals.failed,
  } as const;
  return concluded(record, after, { answer, ask, nowMs });
}

type Verdict =
  | { readonly opens: true; readonly reason: 'failure-rate' | 'slow-call-rate' }
  | { readonly opens: false; readonly reason: Hindrance };

/** Decides whether a window's totals open the breaker. Rates must be exceeded, as with opossum. */
export function judge(totals: Totals, limits: Limits, bad: boolean): Verdict {
  const total = totals.passed + totals.failed;
  if (!bad) return { opens: false, reason: 'none' };
  if (total < limits.volume) return { opens: false, reason: 'volume' };
  const failing = totals.failed * 100 > limits.failureRate * total;
  if (!failing && totals.slow * 100 <= limits.slowRate * total) {
    return { opens: false, reason: 'rate' };
  }
  if (limits.quorum > 1 && totals.reporters < limits.quorum) {
    return { opens: false, reason: 'quorum' };
  }
  return { opens: true, reason: failing ? 'failure-rate' : 'slow-call-rate' };
}

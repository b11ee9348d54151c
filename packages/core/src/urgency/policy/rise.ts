/** One step of an escalation: after that many ms of waiting, to that queue. */
export interface RiseStep {
  readonly after: number;
  readonly to: string;
}

/** What is done about a call that waits. */
export interface RiseDecision {
  /** The queue that it goes to now; undefined: it stays. */
  readonly to: string | undefined;
  /** How long it must have waited for the next step, ms; undefined when there is none. */
  readonly nextAfterMs: number | undefined;
}

/**
 * Decides where a call goes that has waited for a while. Steps that do not rise from where it is are left out, as a
 * queue that was chosen by a function may be above them. Pure.
 * @param queues most urgent first
 */
export function decideRise(
  steps: readonly RiseStep[],
  call: { readonly queue: string; readonly waitedMs: number },
  queues: readonly string[],
): RiseDecision {
  const rank = (queue: string): number => {
    const at = queues.indexOf(queue);
    return at === -1 ? queues.length : at;
  };
  const due = steps.filter(({ after }) => after <= call.waitedMs);
  const target = due.at(-1)?.to;
  const to = target !== undefined && rank(target) < rank(call.queue) ? target : undefined;
  const reached = rank(to ?? call.queue);
  const next = steps.find(({ after, to: later }) => after > call.waitedMs && rank(later) < reached);
  return { to, nextAfterMs: next?.after };
}

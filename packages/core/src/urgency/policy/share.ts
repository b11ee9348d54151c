/** One queue of a worker, as the sharing of slots sees it. */
export interface LaneState {
  /** Slots that nobody else gets. */
  readonly reserve: number;
  /** Its part of what is above the reserves, against the other queues that have work. */
  readonly weight: number;
  /** Slots that it uses, and one more while it fetches or waits for work: it may be in use at any moment. */
  readonly taken: number;
  /**
   * How many more it could use: any number when it may have work that no slot is there for, one when it was found empty
   * and nobody waits there for new work, none when somebody does.
   */
  readonly wants: number;
}

/**
 * How many slots each queue may use now. What is above the reserves goes to the queues that have work, by weight; a
 * queue with less work than its part leaves the rest to the others. Nobody is given a slot that another one may still
 * be using: a queue that has more than its part gets it back as its runs end. Pure.
 * @param spare slots above the reserves
 */
export function limitsOf(lanes: readonly LaneState[], spare: number): number[] {
  const lent = lanes.map(({ taken, reserve }) => Math.max(0, taken - reserve));
  const wanted = lanes.map(({ taken, wants, reserve }) => Math.max(0, taken + wants - reserve));
  const fair = fairParts(lanes, wanted, spare);
  let free = spare - lent.reduce((sum, count) => sum + count, 0);
  const granted = lanes.map(() => 0);
  // The furthest below its part first; of equals the more urgent.
  const below = lanes
    .map((_, at) => at)
    .filter((at) => (lent[at] ?? 0) < (fair[at] ?? 0))
    .sort((a, b) => (lent[a] ?? 0) / (fair[a] ?? 1) - (lent[b] ?? 0) / (fair[b] ?? 1) || a - b);
  for (const at of below) {
    const grant = Math.max(0, Math.min(free, (fair[at] ?? 0) - (lent[at] ?? 0)));
    granted[at] = grant;
    free -= grant;
  }
  return lanes.map(
    ({ reserve }, at) => reserve + Math.min(fair[at] ?? 0, (lent[at] ?? 0) + (granted[at] ?? 0)),
  );
}

/** What is above the reserves, divided: whole slots, all of them as long as somebody is hungry. */
function fairParts(
  lanes: readonly LaneState[],
  wanted: readonly number[],
  spare: number,
): number[] {
  const parts = lanes.map(() => 0);
  let left = spare;
  let open = lanes.map((_, at) => at);
  for (;;) {
    const weights = open.reduce((sum, at) => sum + (lanes[at]?.weight ?? 0), 0);
    const unit = weights === 0 ? 0 : left / weights;
    // Who wants no more than its part gets that; the others divide the rest.
    const content = open.filter((at) => (wanted[at] ?? 0) <= unit * (lanes[at]?.weight ?? 0));
    if (content.length === 0) break;
    for (const at of content) {
      parts[at] = wanted[at] ?? 0;
      left -= wanted[at] ?? 0;
    }
    open = open.filter((at) => !content.includes(at));
  }
  return divided(lanes, { parts, left, open });
}

function divided(
  lanes: readonly LaneState[],
  { parts, left, open }: { parts: number[]; left: number; open: readonly number[] },
): number[] {
  const weights = open.reduce((sum, at) => sum + (lanes[at]?.weight ?? 0), 0);
  const rests: { readonly at: number; readonly rest: number }[] = [];
  let given = 0;
  for (const at of open) {
    const exact = (left * (lanes[at]?.weight ?? 0)) / weights;
    parts[at] = Math.floor(exact);
    given += Math.floor(exact);
    rests.push({ at, rest: exact - Math.floor(exact) });
  }
  rests.sort((a, b) => b.rest - a.rest || a.at - b.at);
  for (const { at } of rests.slice(0, Math.round(left - given))) parts[at] = (parts[at] ?? 0) + 1;
  return parts;
}

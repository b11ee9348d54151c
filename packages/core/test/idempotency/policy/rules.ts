import { isDeepStrictEqual } from 'node:util';
import type { InspectReply, RunRef } from '../../../src/idempotency/store.js';

/** One operation, what it answered, and how the record stood before and after. */
export interface Event {
  readonly name: string;
  readonly run?: RunRef | undefined;
  readonly reply: { readonly tag: string; readonly token?: number; readonly generation?: number };
  readonly before: InspectReply;
  readonly after: InspectReply;
  /** The greatest token that was ever granted at this place; 0 when none was. */
  readonly newest: number;
}

/** What must hold of every operation, whatever happened before it. */
export type Rule = (event: Event) => boolean;

const tags = (list: string): readonly string[] => list.split(' ');
const REFUSALS = tags('known conflict held done dead superseded stale lost unknown settled moved');
const WRITES = tags('kept recorded released completed buried');

/** Replies that make somebody the newest holder. */
export const GRANTS = tags('admitted claimed revived redelivered');

/** True when the same was granted before: the reply to a repetition. */
function isReplay({ run, reply, before }: Event): boolean {
  if (before.tag !== 'found' || reply.token !== before.token) return false;
  if (reply.tag === 'revived') return reply.generation === before.generation;
  const isSameRun = run?.generation === before.generation && run.start === before.start;
  return reply.tag === 'claimed' && isSameRun;
}

/** The invariants of the policy, each by what it says. */
export const RULES: Readonly<Record<string, Rule>> = {
  'a refusal changes nothing': ({ reply, before, after }) =>
    !REFUSALS.includes(reply.tag) || isDeepStrictEqual(before, after),

  'only the newest holder of the call writes': ({ run, reply, before }) =>
    run === undefined ||
    !WRITES.includes(reply.tag) ||
    before.tag !== 'found' ||
    (before.id === run.id && before.token <= run.token),

  'every grant has a greater token than all before, but for a repeated one': (event) => {
    const { reply, newest } = event;
    if (!GRANTS.includes(reply.tag)) return true;
    return isReplay(event) || (reply.token ?? 0) > newest;
  },

  'the token of a record never falls': ({ before, after }) =>
    before.tag !== 'found' || after.tag !== 'found' || after.token >= before.token,

  'every new delivery is of the next generation': (event) => {
    const { reply, before, after } = event;
    if (after.tag !== 'found' || before.tag !== 'found' || isReplay(event)) return true;
    const isNew = GRANTS.includes(reply.tag) && reply.tag !== 'claimed';
    return !isNew || after.generation === before.generation + 1;
  },

  'what is done stays as it is, until it is undone': ({ reply, before, after }) =>
    before.tag !== 'found' ||
    before.state !== 'done' ||
    reply.tag === 'undone' ||
    isDeepStrictEqual(before, after),

  'what is dead stays as it is, until it is revived or another call takes its place': ({
    reply,
    before,
    after,
  }) =>
    before.tag !== 'found' ||
    before.state !== 'dead' ||
    reply.tag === 'revived' ||
    reply.tag === 'admitted' ||
    isDeepStrictEqual(before, after),

  'what is cancelled stays so, until another call takes its place': ({ reply, before, after }) =>
    before.tag !== 'found' ||
    before.state !== 'cancelled' ||
    (after.tag === 'found' &&
      (reply.tag === 'admitted'
        ? after.id !== before.id
        : after.state === 'cancelled' &&
          after.reason === before.reason &&
          after.finishedAtMs === before.finishedAtMs)),

  'what has ended has no lease, no snooze and nothing to be delivered from': ({ after }) =>
    after.tag !== 'found' ||
    !['done', 'dead'].includes(after.state) ||
    (after.leaseLeftMs === 0 && !after.snoozedUntilMs && !after.envelope),

  'nobody is let in while another run has the lease': (event) =>
    event.reply.tag !== 'claimed' ||
    event.before.tag !== 'found' ||
    event.before.leaseLeftMs === 0 ||
    isReplay(event),

  'a delivery is not made again while a run has the lease': ({ reply, before }) =>
    reply.tag !== 'redelivered' || (before.tag === 'found' && before.leaseLeftMs === 0),
};

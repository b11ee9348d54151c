/**
 * The store of schedules: who serves a schedule, and where it stands. What a state means is decided elsewhere
 * (`policy/`); here it is text. Every write raises the version, and whoever writes says which version it saw: of two
 * that decided upon the same state, one is refused. Replaying an operation changes nothing and answers the same.
 */

/** A schedule that was given to somebody to serve. */
export interface Seized {
  readonly tag: 'seized';
  readonly version: number;
  /** The declaration, as JSON. */
  readonly record: string;
  /** Where it stands, as JSON. */
  readonly state: string;
  /** When it was first given to somebody for what is due now, epoch ms. */
  readonly seenMs: number;
  readonly nowMs: number;
}

export interface SeizeRequest {
  readonly name: string;
  /** Another one for each try. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Also before there is something to do. */
  readonly early: boolean;
}

export type SeizeReply =
  | Seized
  /** Somebody else serves it, or there is nothing to do yet. */
  | { readonly tag: 'waits' }
  | { readonly tag: 'missing' };

export interface AdvanceRequest {
  readonly name: string;
  readonly version: number;
  readonly state: string;
  /** When there is something to do again; undefined: never by itself. */
  readonly wakeMs: number | undefined;
  /** The lease stays: what the state says is going to be carried out. */
  readonly hold: boolean;
}

export type AdvanceReply =
  | { readonly tag: 'advanced'; readonly version: number }
  | { readonly tag: 'stale' };

export interface DeclareRequest {
  readonly name: string;
  /** The version that was seen; 0 when there was no such schedule. */
  readonly version: number;
  readonly record: string;
  readonly state: string;
  readonly wakeMs: number | undefined;
}

export type DeclareReply =
  | { readonly tag: 'declared'; readonly version: number }
  | { readonly tag: 'stale' };

export type LookUpReply =
  | {
      readonly tag: 'found';
      readonly version: number;
      readonly record: string;
      readonly state: string;
      readonly nowMs: number;
    }
  | { readonly tag: 'missing'; readonly nowMs: number };

/** What there is to do. */
export interface DueReply {
  readonly nowMs: number;
  /** Schedules for which there is something to do. */
  readonly names: readonly string[];
  /** When there is something to do for the next one; undefined when there is none. */
  readonly nextMs: number | undefined;
  /** How many schedules there are. */
  readonly total: number;
}

/** Operations on schedules. Implementations: `stores/memory.ts` (the specification) and `stores/redis.ts`. */
export interface ScheduleStore {
  /** What there is to do now, at most `count`. */
  findDue(count: number): Promise<DueReply>;
  /** Gives a schedule to one of those who want to serve it, for a while. */
  seize(request: SeizeRequest): Promise<SeizeReply>;
  /** Keeps a new state. */
  advance(request: AdvanceRequest): Promise<AdvanceReply>;
  /** Keeps a declaration and a state; whoever serves the schedule loses it. */
  declare(request: DeclareRequest): Promise<DeclareReply>;
  lookUp(name: string): Promise<LookUpReply>;
  /** Forgets a schedule; with `version`, only if it is still the same. False when there was none. */
  forget(name: string, version?: number): Promise<boolean>;
  /** The names of all schedules, in order. */
  names(): Promise<string[]>;
}

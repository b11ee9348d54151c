/** Calls that were taken to be looked at. */
export interface Taken {
  readonly nowMs: number;
  /** Names of their records. */
  readonly members: readonly string[];
}

/**
 * Which calls may be moved to another queue, and when to look at them next. A hint: an entry without its call is
 * dropped, and what becomes of a call is decided by its record.
 */
export interface WatchStore {
  /** Notes a first look, `afterMs` from now; `text` decides under which tag. */
  watch(text: string, member: string, afterMs: number): Promise<void>;
  /** Takes what is to be looked at under a tag, 0 to 15; for 30 s nobody else gets it. */
  take(tag: number, count: number): Promise<Taken>;
  /** Notes the next look (epoch ms), or none. */
  next(tag: number, member: string, atMs: number | undefined): Promise<void>;
}

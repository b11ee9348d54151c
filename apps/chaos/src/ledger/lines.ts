/** What a run of a handler does, written down as it does it. */
export type RunLine = {
  readonly pid: number;
  readonly key: string;
  /** Names the run; no two runs have one name. */
  readonly run: string;
} & (
  | { readonly what: 'began'; readonly attempt: number; readonly token: number }
  /** The effect on the outside. */
  | { readonly what: 'acted' }
  /** The step that makes the effect has returned; `receipt` names the run whose effect it remembers. */
  | { readonly what: 'recorded'; readonly receipt: string }
  | { readonly what: 'returned' }
  | { readonly what: 'threw'; readonly error: string }
);

/** What the conductor did to a process, written when it is done. */
export interface KillLine {
  readonly what: 'killed';
  readonly pid: number;
}

/** What a producer was told. */
export interface AnswerLine {
  readonly what: 'answered';
  readonly pid: number;
  readonly key: string;
  /** Which input it sent under the key. */
  readonly variant: number;
  /** `enqueued`, `deduplicated` or the code of an error. */
  readonly answer: string;
  readonly id?: string;
}

/** What is written. */
export type LedgerEntry = RunLine | KillLine | AnswerLine;

/** One line of the ledger: with the time of its writing, epoch ms. */
export type LedgerLine = LedgerEntry & { readonly atMs: number };

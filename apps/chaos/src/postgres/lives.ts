import type { Actor } from '../conductor/actor.js';
import type { Stage } from '../conductor/stage.js';
import type { Crash } from './boundaries.js';

/** One role that is played by process after process: whoever is killed has a successor. */
export class Lives {
  readonly #stage: Stage;
  readonly #role: string;
  readonly #settings: object;
  readonly #crashes: Crash[];
  #actor: Actor | undefined;
  #crash: Crash | undefined;
  #isOver = false;
  #kills = 0;
  /** Resolves when a life has ended by itself, or the role is over. */
  readonly ended: Promise<void>;

  constructor(
    stage: Stage,
    { role, settings, crashes }: { role: string; settings: object; crashes: readonly Crash[] },
  ) {
    this.#stage = stage;
    this.#role = role;
    this.#settings = settings;
    this.#crashes = [...crashes];
    this.ended = this.#live();
    this.ended.catch(() => {}); // heard by who waits for it
  }

  /** How many were killed where they should be. */
  get kills(): number {
    return this.#kills;
  }

  /** Whether somebody is still to be killed. */
  get isInDanger(): boolean {
    return this.#crash !== undefined || this.#crashes.length > 0;
  }

  /** Ends the role in order. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#actor?.signal('SIGTERM');
    await this.ended;
  }

  async #live(): Promise<void> {
    for (;;) {
      const crash = this.#crashes.shift();
      this.#crash = crash;
      const actor = await this.#stage.start(this.#role, { ...this.#settings, crash });
      this.#actor = actor;
      if (this.#isOver) await actor.signal('SIGTERM');
      await actor.exited;
      if (actor.ending === 'SIGKILL' && crash) this.#kills += 1;
      else if (actor.ending === 0) return;
      else throw new Error(`The ${this.#role} process ended with ${actor.ending}`);
      this.#stage.ledger.write({ what: 'killed', pid: actor.pid });
    }
  }
}

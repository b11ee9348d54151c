import type { Watch } from '../ledger/watch.js';
import type { Random } from '../random.js';
import type { Actor } from './actor.js';
import type { Stage } from './stage.js';

/** Worker processes of one kind; who is killed is replaced. */
export class Crew {
  readonly #stage: Stage;
  readonly #settings: object;
  readonly #members = new Set<Actor>();
  readonly #starting = new Set<Promise<Actor>>();

  constructor(stage: Stage, settings: object) {
    this.#stage = stage;
    this.#settings = settings;
  }

  get members(): readonly Actor[] {
    return [...this.#members];
  }

  /** Starts one more; resolves when it works. */
  async add(): Promise<Actor> {
    const starting = this.#stage.start('worker', this.#settings);
    this.#starting.add(starting);
    try {
      const actor = await starting;
      this.#members.add(actor);
      return actor;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** Starts that many at once. */
  async hire(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.add()));
  }

  /**
   * kill -9 of one that has calls in work, at a random moment, and a successor for it, not waited for.
   * False when there was nobody to kill.
   */
  async killOne(watch: Watch, random: Random): Promise<boolean> {
    const atWork = (): Actor[] => this.members.filter(({ pid }) => watch.inFlight(pid).size > 0);
    if (!(await watch.until(() => atWork().length > 0))) return false;
    const victim = random.pick(atWork());
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 20)));
    if (!victim) return false;
    this.#members.delete(victim);
    await this.#stage.kill(victim);
    this.add().catch(() => {}); // who did not start is missed by the audit, not here
    return true;
  }

  /** SIGTERM to one, and a successor for it; resolves when the one is gone and the other works. */
  async relieve(actor: Actor, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#members.delete(actor);
    await actor.signal(signal);
    await Promise.all([actor.exited, this.add()]);
  }

  /** Resolves when every successor works. */
  async complete(): Promise<void> {
    await Promise.allSettled(this.#starting);
  }

  /** Ends all of them in order; gives how each ended. */
  async dismiss(): Promise<(number | NodeJS.Signals | undefined)[]> {
    await this.complete();
    const leaving = this.members;
    this.#members.clear();
    return Promise.all(
      leaving.map(async (actor) => {
        await actor.signal('SIGTERM');
        await actor.exited;
        return actor.ending;
      }),
    );
  }
}

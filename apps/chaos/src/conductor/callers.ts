import type { UntilTask } from '../roles/breaker-caller.js';
import type { Heard } from '../work/fleet-caller.js';
import type { Actor } from './actor.js';
import type { Stage } from './stage.js';

/** Processes that call one dependency, each through its side of the fleet's breaker. */
export class Callers {
  readonly #stage: Stage;
  readonly #role: string;
  readonly #settings: (nth: number) => object;
  readonly #members = new Set<Actor>();
  #hired = 0;

  constructor(stage: Stage, role: string, settings: (nth: number) => object) {
    this.#stage = stage;
    this.#role = role;
    this.#settings = settings;
  }

  get members(): readonly Actor[] {
    return [...this.#members];
  }

  /** Starts that many more; resolves when they hear the fleet. */
  async hire(count: number): Promise<void> {
    const starting = Array.from({ length: count }, async () => {
      const actor = await this.#stage.start(this.#role, this.#settings(this.#hired++));
      this.#members.add(actor);
      await actor.ask('joined');
    });
    await Promise.all(starting);
  }

  /** kill -9 of the one with that process id. */
  async kill(pid: number): Promise<void> {
    const victim = this.members.find((actor) => actor.pid === pid);
    if (!victim) throw new Error(`there is no caller ${pid}`);
    this.#members.delete(victim);
    await this.#stage.kill(victim);
  }

  /** Has all of them do something. */
  all<T>(task: string, data: object = {}): Promise<T[]> {
    return Promise.all(this.members.map((actor) => actor.ask<T>(task, data)));
  }

  /** What each of them has heard of the fleet's state. */
  heard(): Promise<Heard[][]> {
    return this.all('heard');
  }

  /** Resolves when all of them have heard of that state. */
  until(task: UntilTask): Promise<Heard[]> {
    return this.all('until', { ...task });
  }
}

import { randomUUID } from 'node:crypto';
import { type Keyspace, keyspace, type RedisPort, ScriptRunner } from '@bulletproof/kernel';
import { takeTurn } from './lua/scripts.generated.js';

const NAME = 'doctor';

/** Gives each round of the doctor to one worker of the fleet. */
export class Turns {
  readonly #scripts: ScriptRunner;
  readonly #keyspace: Keyspace;
  readonly #owner = randomUUID();

  constructor(port: RedisPort, prefix: string) {
    this.#scripts = new ScriptRunner(port);
    this.#keyspace = keyspace(prefix);
  }

  /** True when this worker may go; then nobody else may for `everyMs`. */
  async take(everyMs: number): Promise<boolean> {
    const reply = await this.#scripts.run(takeTurn, {
      keys: { turn: this.#keyspace.key(this.#keyspace.tagOf(NAME), NAME) },
      args: { owner: this.#owner, everyMs },
    });
    return reply.tag === 'yours';
  }
}

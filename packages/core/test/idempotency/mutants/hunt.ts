import { portOf, type RedisPort } from '@bulletproof/kernel';
import * as fc from 'fast-check';
import type { Redis } from 'ioredis';
import { CONFORMANCE } from '../conformance/suite.js';
import { Lockstep } from '../history/lockstep.js';
import { history } from '../history/moves.js';
import { KEY_CASES, type KeyCase } from '../redis-keys.js';
import { redisSubject } from '../subject.js';
import type { BuiltMutant } from './build.js';
import { mutantPort } from './mutant-port.js';

const CASES: readonly KeyCase[] = [...CONFORMANCE, ...KEY_CASES];
const HISTORIES = fc.sample(history, { numRuns: 12, seed: 4242 });

/** Hunts mutants with the cases of a record store and a few histories. */
export class Hunt {
  readonly #redis: Redis;
  /** What has caught mutants of a file, the newest first: the likeliest to catch the next one. */
  readonly #catchers = new Map<string, readonly KeyCase[]>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Answers what caught a mutant, or undefined when nothing did. */
  async catcherOf(mutant: BuiltMutant): Promise<string | undefined> {
    const port = mutantPort(portOf(this.#redis), mutant.scripts);
    for (const one of this.#casesFor(mutant)) {
      if (!(await fails(() => this.#case(port, one)))) continue;
      const others = (this.#catchers.get(mutant.file) ?? []).filter((other) => other !== one);
      this.#catchers.set(mutant.file, [one, ...others]);
      return one.title;
    }
    for (const [index, moves] of HISTORIES.entries()) {
      if (await fails(() => new Lockstep(this.#redis, port).play(moves))) return `history ${index}`;
    }
    return undefined;
  }

  async #case(port: RedisPort, one: KeyCase): Promise<void> {
    const subject = redisSubject(this.#redis, port);
    try {
      await one.run(subject);
    } finally {
      await subject.close();
    }
  }

  /** All cases: first those that caught others of this file, then those that name its script. */
  #casesFor({ file }: BuiltMutant): ReadonlySet<KeyCase> {
    const verb = file.replace('.lua', '');
    const about = CASES.filter(({ title }) => title.includes(verb));
    return new Set([...(this.#catchers.get(file) ?? []), ...about, ...CASES]);
  }
}

async function fails(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return false;
  } catch {
    return true;
  }
}

import { portOf, type RedisPort } from '@bulletproof/kernel';
import * as fc from 'fast-check';
import type { Redis } from 'ioredis';
import { CONFORMANCE } from '../conformance/suite.js';
import { Lockstep } from '../history/lockstep.js';
import { history } from '../history/moves.js';
import { redisSubject } from '../subject.js';
import type { BuiltMutant } from './build.js';
import { mutantPort } from './mutant-port.js';

const HISTORIES = fc.sample(history, { numRuns: 12, seed: 4242 });

/** Runs conformance and a few histories on a mutant; answers what caught it, or undefined when nothing did. */
export async function catcherOf(redis: Redis, mutant: BuiltMutant): Promise<string | undefined> {
  const port = mutantPort(portOf(redis), mutant.scripts);
  for (const one of casesFor(mutant)) {
    if (await fails(() => conformanceCase(redis, port, one))) return one.title;
  }
  for (const [index, moves] of HISTORIES.entries()) {
    if (await fails(() => new Lockstep(redis, port).play(moves))) return `history ${index}`;
  }
  return undefined;
}

async function conformanceCase(
  redis: Redis,
  port: RedisPort,
  one: (typeof CONFORMANCE)[number],
): Promise<void> {
  const subject = redisSubject(redis, port);
  try {
    await one.run(subject);
  } finally {
    await subject.close();
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

/** All cases, those that name the damaged script first: they are the likeliest to notice. */
function casesFor({ file }: BuiltMutant): typeof CONFORMANCE {
  const verb = file.replace('.lua', '');
  const isAbout = ({ title }: { readonly title: string }): boolean => title.includes(verb);
  return [...CONFORMANCE.filter(isAbout), ...CONFORMANCE.filter((one) => !isAbout(one))];
}

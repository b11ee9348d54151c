import { Actor } from './actor/actor.js';
import type { GuardName } from './sides/guards.js';
import type { ActorSide, Place, SideName } from './sides/side.js';
import { quantile } from './statistics.js';
import type { Sample } from './work/stopwatch.js';

/** What one side reached in one round. */
export interface Figure {
  /** Jobs a second, or milliseconds. */
  readonly value: number;
  /** Processor time of the measured process for each job, µs. */
  readonly nodeCpuUs?: number;
  /** Processor time of the Redis server for each job, µs. */
  readonly redisCpuUs?: number;
  /** Scripts that the clients sent for each job. */
  readonly scripts?: number;
  /** Commands that the server ran for each job, those inside of scripts included. */
  readonly commands?: number;
  /** The same in a second, where a job is too small to have one. */
  readonly commandsPerS?: number;
  /** The wait that 99 of 100 jobs stayed below, ms. */
  readonly p99?: number;
}

/** The processes of a scenario. */
export interface Stage {
  /** Measures one side once. */
  measure(side: SideName, place: Place, jobs: number): Promise<Figure>;
  close(): Promise<void>;
}

type Throughput =
  | { readonly kind: 'drain'; readonly concurrency: number }
  | { readonly kind: 'enqueue'; readonly inFlight: number | 'all' };

/** One process a side; the value is jobs a second. */
export function throughputStage(what: Throughput): Stage {
  const actors = { ours: new Actor('ours'), bare: new Actor('bare') };
  return {
    async measure(side, place, jobs) {
      const warmUp = Math.ceil(jobs / 5);
      return figureOf(await actors[side].perform({ ...what, place, jobs, warmUp }));
    },
    close: () => endAll(Object.values(actors)),
  };
}

/** Ours relays from the outbox, bare enqueues that many at once; the value is jobs a second. */
export function relayStage({ batch, inFlight }: { batch: number; inFlight: number }): Stage {
  const actors = { ours: new Actor('outbox'), bare: new Actor('bare') };
  return {
    async measure(side, place, jobs) {
      const warmUp = Math.ceil(jobs / 5);
      const sample =
        side === 'ours'
          ? await actors.ours.perform({ kind: 'relay', place, jobs, warmUp, batch })
          : await actors.bare.perform({ kind: 'enqueue', place, jobs, warmUp, inFlight });
      return figureOf(sample);
    },
    close: () => endAll(Object.values(actors)),
  };
}

/** Calls, one after the other, through our breaker and through another; the value is calls a second. */
export function fireStage(what: { rival: GuardName; hasTimeout: boolean }): Stage {
  const { rival, hasTimeout } = what;
  const actors = { ours: new Actor('ours'), bare: new Actor('bare') };
  return {
    async measure(side, place, jobs) {
      const guard = side === 'ours' ? 'shared' : rival;
      const task = { kind: 'fire', place, jobs, warmUp: Math.ceil(jobs / 5) } as const;
      const sample = await actors[side].perform({ ...task, guard, hasTimeout });
      const commandsPerS = (sample.redis.commands / sample.elapsedUs) * 1e6;
      return { ...figureOf(sample), commandsPerS };
    },
    close: () => endAll(Object.values(actors)),
  };
}

interface Pickup {
  readonly concurrency: number;
  readonly gapMs: number;
  /** What our processes play. @default 'ours' */
  readonly our?: ActorSide;
}

/** Two processes a side, one that sends and one that works; the value is the median wait in milliseconds. */
export function pickupStage(what: Pickup): Stage {
  const { concurrency, gapMs, our = 'ours' } = what;
  const pair = (side: ActorSide) => ({ sender: new Actor(side), worker: new Actor(side) });
  const actors = { ours: pair(our), bare: pair('bare') };
  return {
    async measure(side, place, jobs) {
      const { sender, worker } = actors[side];
      await worker.perform({ kind: 'listen', place, concurrency });
      await sender.perform({ kind: 'send', place, jobs, gapMs });
      const waits = (await worker.perform({ kind: 'heard', jobs })).map((us) => us / 1_000);
      return { value: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
    },
    close: () => endAll(Object.values(actors).flatMap(({ sender, worker }) => [sender, worker])),
  };
}

function figureOf({ jobs, elapsedUs, nodeCpuUs, redis }: Sample): Figure {
  return {
    value: (jobs / elapsedUs) * 1e6,
    nodeCpuUs: nodeCpuUs / jobs,
    redisCpuUs: redis.cpuUs / jobs,
    scripts: redis.scripts / jobs,
    commands: redis.commands / jobs,
  };
}

async function endAll(actors: readonly Actor[]): Promise<void> {
  await Promise.all(actors.map((actor) => actor.end()));
}

// A process of a fleet: calls the dependency at a steady pace, and tells what it heard and what its calls came to.
import type { CircuitBreakerOptions } from '@bulletproof/breaker';
import { Redis } from 'ioredis';
import { CallBook } from '../work/call-book.js';
import { type CallerOptions, FleetCaller } from '../work/fleet-caller.js';
import { play, settings } from './part.js';
import type { RoleSettings } from './protocol.js';

/** What a caller is told. */
export interface BreakerCallerSettings
  extends RoleSettings,
    Omit<CallerOptions, 'before' | 'ended'> {
  /** Options of a breaker that shares nothing, through which as many calls go beside. */
  readonly control?: CircuitBreakerOptions;
  /** Each call asks Redis first whether it may, as other breakers do. */
  readonly asksFirst?: boolean;
}

/** What is asked for with `until`. */
export interface UntilTask {
  readonly state: string;
  readonly after: number;
  readonly nth?: number;
}

const { redisUrl, prefix, breaker, control, asksFirst, ...options } =
  settings<BreakerCallerSettings>();
const [shared, alone] = [new CallBook(), new CallBook()];
const caller = new FleetCaller({
  ...options,
  breaker: { ...breaker, redis: redisUrl, prefix },
  ended: (result, addedUs) => shared.enter(result, addedUs),
  ...(asksFirst && { before: asking() }),
});

if (control) {
  new FleetCaller({
    ...options,
    breaker: control,
    ended: (result, addedUs) => alone.enter(result, addedUs),
  });
}

function asking(): () => Promise<Error | undefined> {
  const redis = new Redis(redisUrl, { commandTimeout: 250, maxRetriesPerRequest: 1 });
  redis.on('error', () => {}); // the call hears of it
  return () =>
    redis.get(`${prefix}:state`).then(
      () => undefined,
      (error: Error) => error,
    );
}

play({
  joined: () => caller.joined(),
  opened: () => caller.acts('opened'),
  closed: () => caller.acts('closed'),
  parted: () => caller.parted(),
  until: ({ state, after, nth }: UntilTask) => caller.until(state, after, nth),
  heard: () => caller.heard,
  page({ name }: { name: string }) {
    shared.turnTo(name);
    alone.turnTo(name);
  },
  forget() {
    shared.forget();
    alone.forget();
  },
  book: () => ({ shared: shared.pages, control: alone.pages }),
});

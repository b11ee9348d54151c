import {
  canonicalJson,
  checkOptions,
  InvalidOptionError,
  type RedisSource,
  refuseOption,
  rule,
} from '@bulletproof/kernel';
import { CircuitBreaker } from './breaker.js';
import { BreakerConflictError, BreakersInUseError } from './errors.js';
import type { BreakerLogger } from './log.js';
import { OWN_RULES } from './option-rules.js';
import type { CircuitBreakerOptions } from './options.js';
import { resolveOptions } from './resolve.js';
import type { BreakerSnapshot } from './snapshot.js';
import type { BreakerStore } from './store.js';
import { MemoryBreakerStore } from './stores/memory.js';

/** Options of a breaker that the registry makes: where its state is, `configureBreakers` says. */
export type RegisteredOptions = Omit<CircuitBreakerOptions, 'redis' | 'store' | 'prefix'>;

/** Where the breakers of this process have their state, and what they have in common. */
export interface BreakerSettings {
  /** Where Redis is. @default none: the breakers are local, and options of the fleet rest */
  readonly redis?: RedisSource;
  /** A store instead of Redis. */
  readonly store?: BreakerStore;
  /** Prefix of all keys. @default 'bulletproof' */
  readonly prefix?: string;
  /** Gets what happens to the breakers. @default nothing is logged */
  readonly logger?: BreakerLogger;
  /** Options for all breakers that do not set them. */
  readonly defaults?: Omit<RegisteredOptions, 'name'>;
}

/** A call of a method, as the context of the breaker that runs it. */
export interface Invocation {
  readonly method: (...args: unknown[]) => unknown;
  readonly self: unknown;
}

interface Declared {
  readonly options: RegisteredOptions;
  /** What the options say; functions count as equal. */
  readonly shape: string;
}

const WHERE = 'configureBreakers';
const declared = new Map<string, Declared>();
const bound = new Map<string, CircuitBreaker>();
let settings: BreakerSettings = {};
let isConfigured = false;

/**
 * Says where the breakers of `@Breaker` and of `breakers.get` have their state; call it once, before the first call of one.
 * @throws BreakersInUseError `BREAKERS_IN_USE` when a breaker is bound already
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function configureBreakers(given: BreakerSettings): void {
  if (bound.size > 0) throw new BreakersInUseError([...bound.keys()]);
  const { redis, store, prefix, logger, defaults } = checkOptions(WHERE, given, {
    redis: OWN_RULES.redis,
    store: OWN_RULES.store,
    logger: OWN_RULES.logger,
    prefix: rule.optional(OWN_RULES.prefix),
    defaults: rule.optional(
      rule.matching(
        'options',
        (value): value is object => typeof value === 'object' && value !== null,
      ),
    ),
  });
  if (redis !== undefined && store !== undefined)
    refuseOption(`${WHERE}.store`, 'no store beside redis', store);
  checkDeclaration({ name: 'any', ...(defaults as RegisteredOptions) });
  isConfigured = true;
  settings = Object.freeze(
    Object.fromEntries(
      Object.entries({ redis, store, prefix, logger, defaults }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  );
}

/**
 * Declares a breaker by name; with a name alone it means one that is declared elsewhere, or one with the defaults.
 * @throws BreakerConflictError `BREAKER_CONFLICT` when it is declared with other options
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function declareBreaker(options: RegisteredOptions & { readonly name: string }): void {
  checkDeclaration(options);
  const { name } = options;
  const known = declared.get(name);
  const shape = shapeOf(options);
  const bare = shapeOf({ name });
  if (known === undefined || (known.shape === bare && !bound.has(name))) {
    declared.set(name, { options, shape });
  } else if (shape !== bare && shape !== known.shape) throw new BreakerConflictError(name);
}

/** The breakers of this process by name: those of `@Breaker`, and others that are asked for. */
export const breakers = {
  /** The breaker of a name; made at the first use. Its `call({ method, self }, ...args)` runs any method. */
  get(name: string): CircuitBreaker {
    const known = bound.get(name);
    if (known !== undefined) return known;
    if (!declared.has(name)) declareBreaker({ name });
    const made = new CircuitBreaker(run, optionsOf(name));
    bound.set(name, made);
    return made;
  },

  /** Whether `configureBreakers` has said where the state is; a framework leaves that alone. */
  get isConfigured(): boolean {
    return isConfigured;
  },

  /** All that were used so far. */
  all(): readonly CircuitBreaker[] {
    return [...bound.values()];
  },

  /** Their snapshots, for a page. */
  snapshot(): readonly BreakerSnapshot[] {
    return breakers.all().map((breaker) => breaker.snapshot());
  },

  /** Shuts all down and closes their connections. The next call begins anew, so `configureBreakers` may come again. */
  async close(): Promise<void> {
    const all = breakers.all();
    bound.clear();
    for (const breaker of all) breaker.shutdown();
    await Promise.all(all.map((breaker) => breaker.ended()));
  },
};

function run(this: unknown, ...args: unknown[]): unknown {
  const { method, self } = this as Invocation;
  return method.apply(self, args);
}

function optionsOf(name: string): CircuitBreakerOptions {
  const { redis, store, prefix, logger, defaults } = settings;
  const options = { ...(logger && { logger }), ...defaults, ...declared.get(name)?.options, name };
  if (redis === undefined && store === undefined) return withoutFleet(options);
  return {
    ...options,
    ...(redis !== undefined && { redis }),
    ...(store !== undefined && { store }),
    ...(prefix !== undefined && { prefix }),
  };
}

/** Without a store a breaker is local, in tests for example: what only a fleet can do rests. */
function withoutFleet(options: CircuitBreakerOptions): CircuitBreakerOptions {
  const kept = Object.entries(options).filter(
    ([option]) => option === 'logger' || !Object.hasOwn(OWN_RULES, option),
  );
  return Object.fromEntries(kept);
}

// Checked as for a fleet, whether there is one or not: mistakes show where they are made.
const NOWHERE = new MemoryBreakerStore();

function checkDeclaration(options: RegisteredOptions): void {
  for (const option of ['redis', 'store', 'prefix'] as const) {
    const value: unknown = Reflect.get(options, option);
    if (value === undefined) continue;
    refuseOption(
      `CircuitBreaker.${option}`,
      'no such option here: configureBreakers() has it',
      value,
    );
  }
  if (options.cache || options.coalesce) {
    const option = `CircuitBreaker.${options.cache ? 'cache' : 'coalesce'}`;
    const expected =
      'no cache: the methods that share a breaker would get the results of each other';
    throw new InvalidOptionError({ option, expected, received: 'true' });
  }
  resolveOptions({ ...options, store: NOWHERE });
}

function shapeOf(options: RegisteredOptions): string {
  const plain = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => [option, isPlain(value) ? value : typeof value]);
  return canonicalJson(Object.fromEntries(plain));
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  return Object.getPrototypeOf(value) === Object.prototype;
}

import type { Clock, RedisSource } from '@bulletproof/kernel';
import { StoreLink } from './gate/link.js';
import type { StoreSource } from './resolve.js';
import type { BreakerStore } from './store.js';
import { RedisBreakerStore } from './stores/redis.js';

/** One link for each Redis and prefix (or store) of this process: its breakers share connections. */
const byUrl = new Map<string, StoreLink>();
const byObject = new WeakMap<object, Map<string, StoreLink>>();

/** The link to a store; made at the first use, and forgotten when its last breaker leaves. */
export function linkTo({ redis, store, prefix }: StoreSource, clock: Clock): StoreLink {
  if (store !== undefined) return shared(store, '', () => store, clock);
  const source = redis as RedisSource;
  const open = (): BreakerStore => new RedisBreakerStore({ redis: source, prefix });
  return shared(source, prefix, open, clock);
}

function shared(
  source: string | object,
  prefix: string,
  open: () => BreakerStore,
  clock: Clock,
): StoreLink {
  const links = typeof source === 'string' ? byUrl : linksOf(source);
  const key = typeof source === 'string' ? `${prefix} ${source}` : prefix;
  const known = links.get(key);
  if (known !== undefined) return known;
  const link = new StoreLink(open(), clock, () => links.delete(key));
  links.set(key, link);
  return link;
}

function linksOf(source: object): Map<string, StoreLink> {
  const links = byObject.get(source) ?? new Map<string, StoreLink>();
  byObject.set(source, links);
  return links;
}

export { Balancer, type LanePort, type LaneView } from './balancer.js';
export {
  type Lane,
  type LaneOptions,
  type ResolvedWork,
  resolveWork,
  type WorkOptions,
} from './options.js';
export { decideRise, type RiseStep } from './policy/rise.js';
export type { Taken, WatchStore } from './store.js';
export { RedisWatchStore } from './stores/redis.js';

export { type Child, type ChildMessage, type ChildOptions, startChild } from './child-process.js';
export {
  type CommandCount,
  commandCount,
  commandsDuring,
  totalCommands,
} from './command-count.js';
export { type OwnCluster, ownCluster } from './own-cluster.js';
export { type OwnRedis, type OwnRedisOptions, ownRedis } from './own-redis.js';
export { connectParent, type Parent } from './parent.js';
export { PATIENCE_MS, type Patience } from './patience.js';
export {
  BULLMQ_PERMANENT_KEYS,
  keysUnder,
  leftoverKeys,
  removeKeys,
  uniquePrefix,
} from './prefix.js';
export { type ProcessState, processState, untilProcess } from './process-state.js';
export { type Direction, TcpProxy } from './tcp-proxy.js';
export { disconnect, type TestRedis, testRedis } from './test-redis.js';
export { until } from './until.js';
export { type EventSource, waitFor } from './wait-for.js';

export { Balancer, type LanePort, type LaneView } from './balancer.js';
export {
  type Lane,
  type LaneOptions,
  type ResolvedWork,
  resolveWork,
  type WorkOptions,
} from './options.js';

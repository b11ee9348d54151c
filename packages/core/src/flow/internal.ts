// What only the runtime uses; none of it leaves the package.
export { checkCall } from './graph/check.js';
export { isFlow } from './graph/define.js';
export { span, type TreeNode } from './graph/tree.js';
export { MAX_FLOW_ID, MAX_PAYLOADS } from './limits.js';
export {
  draftsOf,
  graphDigest,
  planOf,
  type TaskDraft,
  type TaskLabel,
  type TaskRole,
} from './plan.js';
export type {
  FlowPlan,
  FlowState,
  FlowStore,
  FlowView,
  TaskDelivery,
  TaskView,
  Wake,
} from './store.js';
export { RedisFlowStore } from './stores/redis.js';

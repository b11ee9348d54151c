// What leaves the package. What only the runtime uses is in internal.ts.
export {
  AmbiguousNodeError,
  FlowFailedError,
  FlowIdConflictError,
  FlowNotRetriableError,
  FlowOwnsCallError,
  type FlowProblem,
  InvalidFlowError,
  NodeNotUpstreamError,
  NodeSkippedError,
  NotInFlowError,
  UnknownFlowError,
} from './errors.js';
export type { FlowEvent, FlowEvents, FlowStartedEvent } from './events.js';
export { chain, type FlowPart, parallel } from './graph/compose.js';
export {
  type CheckedNodes,
  type Flow,
  type FlowNodes,
  type FlowResults,
  flow,
} from './graph/define.js';
export type { Graph, GraphNode } from './graph/graph.js';
export type { FlowState } from './store.js';

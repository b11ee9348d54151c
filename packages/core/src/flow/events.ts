/** What every event of a flow carries. */
export interface FlowEvent {
  /** The flow's id. */
  readonly flow: string;
}

/** A flow was started. */
export interface FlowStartedEvent extends FlowEvent {
  /** The flow's name. */
  readonly kind: string;
  readonly nodes: number;
}

/** Events of flows by name; local to the process and at most once: a durable notice is a callback. */
export interface FlowEvents {
  /** A flow was started here. */
  'flow.started': FlowStartedEvent;
  /** All nodes of a flow have succeeded, the last one here. */
  'flow.completed': FlowEvent;
  /** A flow has ended without success, and not everything that succeeded was undone. */
  'flow.failed': FlowEvent;
  /** A flow has ended without success, and every undo has succeeded. */
  'flow.compensated': FlowEvent;
  /** A cancelled flow has ended. */
  'flow.cancelled': FlowEvent;
}

import { BulletproofError } from '@bulletproof/kernel';

/** What can be wrong with a flow's graph. */
export type FlowProblem =
  | 'empty'
  | 'cycle'
  | 'unknown-node'
  | 'duplicate-node'
  | 'too-large'
  | 'not-a-call'
  | 'bad-name'
  | 'option'
  | 'slots';

/** A flow's graph was refused; nothing was written. */
export class InvalidFlowError extends BulletproofError {
  readonly code = 'INVALID_FLOW';

  constructor(
    readonly flow: string,
    readonly problem: FlowProblem,
    /** The nodes that it is about; of a cycle, in the order of their waiting. */
    readonly nodes: readonly string[],
    advice: string,
  ) {
    super(`The flow '${flow}' is refused: ${advice}`);
  }
}

/** The id of a flow is taken by a flow of another graph or other inputs. */
export class FlowIdConflictError extends BulletproofError {
  readonly code = 'FLOW_ID_CONFLICT';

  constructor(
    readonly flow: string,
    readonly id: string,
  ) {
    super(
      `The flow id '${id}' is taken by a flow of another graph or other inputs than this '${flow}': give each run an id of its own`,
    );
  }
}

/** What `result()` of a flow throws that did not complete; the first dead node's error is the cause. */
export class FlowFailedError extends BulletproofError {
  readonly code = 'FLOW_FAILED';

  constructor(
    readonly id: string,
    readonly state: 'failed' | 'compensated' | 'cancelled',
    /** Names of the nodes that are dead. */
    readonly dead: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      `The flow '${id}' ended ${state}${dead.length === 0 ? '' : ` (dead: ${dead.join(', ')})`}: see status(), mend what failed, then retry()`,
      options,
    );
  }
}

/** Nothing is known of a flow of this id. */
export class UnknownFlowError extends BulletproofError {
  readonly code = 'UNKNOWN_FLOW';

  constructor(readonly id: string) {
    super(
      `No flow '${id}' is known: it was never started, or its record is no longer kept (keepFor)`,
    );
  }
}

/** A flow cannot be retried as it is now. */
export class FlowNotRetriableError extends BulletproofError {
  readonly code = 'FLOW_NOT_RETRIABLE';

  constructor(
    readonly id: string,
    readonly state: string,
  ) {
    super(
      `The flow '${id}' is ${state}: only one that ended failed, compensated or cancelled can be retried`,
    );
  }
}

/** `resultOf(reference)` fits several nodes upstream. */
export class AmbiguousNodeError extends BulletproofError {
  readonly code = 'AMBIGUOUS_NODE';

  constructor(
    readonly job: string,
    readonly nodes: readonly string[],
  ) {
    super(
      `Several nodes upstream call '${job}' (${nodes.join(', ')}): ask for one of them by its name`,
    );
  }
}

/** `resultOf` asks for what is no node upstream of the one that asks. */
export class NodeNotUpstreamError extends BulletproofError {
  readonly code = 'NODE_NOT_UPSTREAM';

  constructor(
    readonly node: string,
    readonly wanted: string,
    readonly upstream: readonly string[],
  ) {
    super(
      `'${wanted}' is not upstream of '${node}' (upstream: ${upstream.join(', ') || 'none'}): add it with .after('${wanted}')`,
    );
  }
}

/** `resultOf` was asked outside of a flow. */
export class NotInFlowError extends BulletproofError {
  readonly code = 'NOT_IN_FLOW';

  constructor(readonly job: string) {
    super(`This run of '${job}' belongs to no flow: job.resultOf() works in the nodes of a flow`);
  }
}

/** Why BullMQ's job of a skipped node failed: a node that it needs is dead. */
export class NodeSkippedError extends BulletproofError {
  readonly code = 'NODE_SKIPPED';

  constructor(
    readonly flow: string,
    readonly node: string,
  ) {
    super(
      `The node '${node}' of the flow '${flow}' is skipped: a node that it needs did not succeed`,
    );
  }
}

/** An operation on a call that belongs to a flow, and is the flow's to do. */
export class FlowOwnsCallError extends BulletproofError {
  readonly code = 'FLOW_OWNS_CALL';

  constructor(
    readonly id: string,
    readonly operation: string,
  ) {
    super(
      `${operation} is refused for the call '${id}', which is a node of a flow: use the flow's cancel() or retry()`,
    );
  }
}

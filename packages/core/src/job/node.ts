import type { StoredCallOptions } from './call-options.js';

declare const resultType: unique symbol;
declare const nodeTypes: unique symbol;

/** A job and its input, not yet enqueued: frozen JSON data, the same after a round trip through JSON. */
export interface Call<I = unknown, R = unknown> {
  /** The job's name. */
  readonly job: string;
  /** Raw: as the caller gave it, copied. Absent when the caller gave none. */
  readonly input: I;
  readonly options?: StoredCallOptions;
  readonly [resultType]?: () => R;
}

/** A call as a reference makes it: beside its data it has the methods that make a node of a flow of it. */
export interface NodeCall<I = unknown, R = unknown> extends Call<I, R>, NodeMethods<R> {}

/**
 * A call as a node of a flow: what it waits for, and what undoes it. Frozen; `R` is its result, `D` the names it
 * depends on.
 */
export interface FlowNode<R = unknown, D extends string = string> {
  readonly call: Call;
  /** Names of the nodes that must have succeeded before, each once. */
  readonly dependencies: readonly string[];
  /** The call that makes its effect undone. */
  readonly compensation: Call | undefined;
  readonly [nodeTypes]?: { readonly result: R; readonly dependencies: D };
  /** Does not start before these nodes have succeeded, too. */
  after<const N extends string>(...names: readonly N[]): FlowNode<R, D | N>;
  /** What is called when this node has succeeded and the flow fails. */
  undo(call: Call): FlowNode<R, D>;
}

/** What makes a node of a call. */
export interface NodeMethods<R> {
  /** A node of a flow that does not start before these nodes have succeeded. */
  after<const N extends string>(...names: readonly N[]): FlowNode<R, N>;
  /** A node of a flow with what is called when it has succeeded and the flow fails. */
  undo(call: Call): FlowNode<R, never>;
}

const nodes = new WeakSet<object>();

/** Whether a value was made by `after` or `undo`. */
export function isFlowNode(value: unknown): value is FlowNode {
  return typeof value === 'object' && value !== null && nodes.has(value);
}

/** What calls inherit: no property of theirs, so that they stay plain data. */
export const NODE_METHODS: object = Object.freeze(
  Object.defineProperties(Object.create(Object.prototype) as object, {
    after: {
      value(this: Call, ...names: string[]): FlowNode {
        return nodeOf(this, names, undefined);
      },
    },
    undo: {
      value(this: Call, compensation: Call): FlowNode {
        return nodeOf(this, [], compensation);
      },
    },
  }),
);

/** A node of a flow. */
export function nodeOf(
  call: Call,
  dependencies: readonly string[],
  compensation: Call | undefined,
): FlowNode {
  const node: FlowNode = {
    call,
    dependencies: Object.freeze([...new Set(dependencies)]),
    compensation,
    after: (...names) => nodeOf(call, [...dependencies, ...names], compensation) as never,
    undo: (other) => nodeOf(call, dependencies, other),
  };
  nodes.add(node);
  return Object.freeze(node);
}

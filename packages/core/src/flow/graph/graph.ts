import type { Call } from '../../job/call.js';

/** One node of a graph that has passed all checks. */
export interface GraphNode {
  readonly name: string;
  readonly call: Call;
  /** Indices of the nodes it depends on, ascending. */
  readonly after: readonly number[];
  /** The call that makes its effect undone. */
  readonly undo: Call | undefined;
}

/** A directed acyclic graph of calls: nodes in the order of their declaration. */
export type Graph = readonly GraphNode[];

/** Of each node, the nodes that depend on it, ascending. */
export function dependentsOf(graph: readonly Pick<GraphNode, 'after'>[]): readonly number[][] {
  const dependents: number[][] = graph.map(() => []);
  for (const [index, { after }] of graph.entries()) {
    for (const before of after) dependents[before]?.push(index);
  }
  return dependents;
}

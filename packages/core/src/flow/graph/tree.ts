import { dependentsOf, type GraphNode } from './graph.js';

/** A node in the forest that BullMQ keeps of a graph. */
export interface TreeNode {
  readonly index: number;
  /** Nodes that it depends on, and that BullMQ makes it wait for. */
  readonly children: readonly TreeNode[];
}

/** What BullMQ can carry of a graph: each node waits for its children, and has one parent at most. */
export interface Forest {
  /** The ends of the graph. */
  readonly roots: readonly TreeNode[];
  /** Of each node, whether it depends on nodes that are not among its children. */
  readonly extra: readonly boolean[];
}

/**
 * Spans a graph with trees that have its ends for roots. A node with several dependents becomes the child of the one that
 * has the fewest so far: the more nodes have a child, the fewer must be woken by us.
 */
export function span(graph: readonly Pick<GraphNode, 'after'>[]): Forest {
  const children: number[][] = graph.map(() => []);
  const roots: number[] = [];
  for (const [index, dependents] of dependentsOf(graph).entries()) {
    let parent: number | undefined;
    for (const at of dependents) {
      if (parent === undefined || count(children, at) < count(children, parent)) parent = at;
    }
    if (parent === undefined) roots.push(index);
    else children[parent]?.push(index);
  }
  const built = new Map<number, TreeNode>();
  for (const index of deepestFirst(roots, children)) {
    const below = (children[index] ?? []).map((child) => built.get(child) as TreeNode);
    built.set(index, { index, children: below });
  }
  return {
    roots: roots.map((index) => built.get(index) as TreeNode),
    extra: graph.map(({ after }, index) => after.length > count(children, index)),
  };
}

function count(children: readonly (readonly number[])[], at: number): number {
  return children[at]?.length ?? 0;
}

/** Not by recursion: a chain may be a thousand nodes long. */
function deepestFirst(
  roots: readonly number[],
  children: readonly (readonly number[])[],
): number[] {
  const order: number[] = [];
  const open = [...roots];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    order.push(at);
    open.push(...(children[at] ?? []));
  }
  return order.reverse();
}

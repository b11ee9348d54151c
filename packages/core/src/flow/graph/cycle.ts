import type { GraphNode } from './graph.js';

/** A cycle of a graph as indices in the order of waiting, its first one again at the end; undefined when there is none. */
export function cycleIn(graph: readonly Pick<GraphNode, 'after'>[]): number[] | undefined {
  const open = new Set<number>(graph.keys());
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const at of open) {
      if (graph[at]?.after.some((before) => open.has(before))) continue;
      open.delete(at);
      shrunk = true;
    }
  }
  // Whatever is left waits for something that is left: following that leads into a cycle.
  let [at] = open;
  const path: number[] = [];
  while (at !== undefined) {
    const start = path.indexOf(at);
    if (start >= 0) return [...path.slice(start), at];
    path.push(at);
    at = graph[at]?.after.find((before) => open.has(before));
  }
  return undefined;
}

import { span, type TaskDelivery, type TreeNode } from '../../flow/internal.js';
import type { DeliveryTree } from './flow-port.js';
import { toTaskDelivery } from './task-delivery.js';

/** The trees that BullMQ keeps of nodes; `graph` says of each by index on which others it depends. */
export function treesOf(
  flow: string,
  graph: readonly { readonly after: readonly number[] }[],
  tasks: readonly TaskDelivery[],
): DeliveryTree[] {
  const { roots, extra } = span(graph);
  const built = new Map<TreeNode, DeliveryTree>();
  for (const node of deepestFirst(roots)) {
    built.set(node, {
      delivery: toTaskDelivery(flow, tasks[node.index] as TaskDelivery),
      children: node.children.map((child) => built.get(child) as DeliveryTree),
      isParked: extra[node.index] ?? false,
    });
  }
  return roots.map((root) => built.get(root) as DeliveryTree);
}

/** Not by recursion: a chain may be a thousand nodes long. */
function deepestFirst(roots: readonly TreeNode[]): TreeNode[] {
  const order: TreeNode[] = [];
  const open = [...roots];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    order.push(node);
    open.push(...node.children);
  }
  return order.reverse();
}

import { AmbiguousNodeError, NodeNotUpstreamError, UnknownFlowError } from '../../flow/errors.js';
import type { FlowStore, TaskLabel } from '../../flow/internal.js';
import type { FlowPlace } from '../delivery.js';

/** Flows whose labels are remembered: they never change. */
const REMEMBERED = 500;

/** Finds the results of nodes upstream. */
export class FlowResults {
  readonly #store: FlowStore;
  readonly #labels = new Map<string, readonly TaskLabel[]>();

  constructor(store: FlowStore) {
    this.#store = store;
  }

  /** @throws NodeNotUpstreamError, AmbiguousNodeError */
  async resultOf(place: FlowPlace, wanted: { readonly name: string } | string): Promise<unknown> {
    const labels = await this.#labelsOf(place.id);
    const task = chosen(labels, place, wanted);
    const reply = await this.#store.recall(place.id, task);
    if (reply.tag === 'unknown') throw new UnknownFlowError(place.id);
    return reply.result === undefined ? undefined : JSON.parse(reply.result);
  }

  async #labelsOf(id: string): Promise<readonly TaskLabel[]> {
    const known = this.#labels.get(id);
    if (known) return known;
    const view = await this.#store.inspect(id, true);
    if (!view) throw new UnknownFlowError(id);
    const labels = JSON.parse(view.labels) as readonly TaskLabel[];
    const [oldest] = this.#labels.keys();
    if (this.#labels.size >= REMEMBERED && oldest !== undefined) this.#labels.delete(oldest);
    this.#labels.set(id, labels);
    return labels;
  }
}

function chosen(
  labels: readonly TaskLabel[],
  place: FlowPlace,
  wanted: { readonly name: string } | string,
): number {
  const upstream = [...upstreamOf(labels, place)].sort((a, b) => a - b);
  const name = (at: number): string => labels[at]?.name ?? '';
  if (typeof wanted === 'string') {
    const found = upstream.find((at) => name(at) === wanted);
    if (found !== undefined) return found;
    throw new NodeNotUpstreamError(place.node, wanted, upstream.map(name));
  }
  const [first, ...others] = upstream.filter((at) => labels[at]?.job === wanted.name);
  if (first === undefined) {
    throw new NodeNotUpstreamError(place.node, wanted.name, upstream.map(name));
  }
  if (others.length > 0) throw new AmbiguousNodeError(wanted.name, [first, ...others].map(name));
  return first;
}

/** A node has what it depends on, at whatever distance, upstream; an undo also its node; a callback all nodes. */
function upstreamOf(labels: readonly TaskLabel[], { role, node, task }: FlowPlace): Set<number> {
  const isNode = ({ role: other }: TaskLabel): boolean => other === 'node';
  if (role !== 'node' && role !== 'undo') {
    return new Set([...labels.keys()].filter((at) => isNode(labels[at] as TaskLabel)));
  }
  const undone = labels.findIndex((label) => isNode(label) && label.name === node);
  const found = new Set<number>(role === 'undo' ? [undone] : []);
  const open = [role === 'undo' ? undone : task];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const before of labels[at]?.after ?? []) {
      if (found.has(before)) continue;
      found.add(before);
      open.push(before);
    }
  }
  return found;
}

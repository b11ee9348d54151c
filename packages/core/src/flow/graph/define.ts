import { describeValue } from '@bulletproof/kernel';
import type { Call } from '../../job/call.js';
import { isLabel } from '../../job/internal.js';
import type { FlowNode } from '../../job/node.js';
import { InvalidFlowError } from '../errors.js';
import { checkGraph, type Written } from './check.js';
import type { Graph } from './graph.js';

declare const flowResults: unique symbol;

/** A graph of calls, checked and ready to start; `Results` are the nodes' results by name. */
export interface Flow<Results = Record<string, unknown>> {
  readonly name: string;
  readonly graph: Graph;
  readonly [flowResults]?: Results;
}

/** Nodes of a flow by name. */
export type FlowNodes = Readonly<Record<string, FlowNode<unknown, string> | Call>>;

/** The results of a flow by the names of its nodes. */
export type FlowResults<N> = { readonly [K in keyof N]: ResultOfNode<N[K]> };

type ResultOfNode<N> =
  N extends FlowNode<infer R, string> ? R : N extends Call<infer _I, infer R> ? R : unknown;

/** The same nodes, but for those that wait for a name that no node has. */
export type CheckedNodes<N> = {
  readonly [K in keyof N]: N[K] extends FlowNode<infer R, infer D>
    ? [Unknown<D, keyof N>] extends [never]
      ? N[K]
      : FlowNode<R, Extract<keyof N, string>>
    : N[K];
};

/** Names that are known and not among the known nodes. */
type Unknown<D extends string, Known> = string extends D ? never : Exclude<D, Known>;

const flows = new WeakSet<object>();

/** Whether a value was made by `flow`, `chain` or `parallel`. */
export function isFlow(value: unknown): value is Flow {
  return typeof value === 'object' && value !== null && flows.has(value);
}

/**
 * A flow: a graph of calls by name, each `after` the ones that it needs.
 * @param nodes calls, with `.after(…)` and `.undo(…)`; an object, or pairs of name and call
 * @throws InvalidFlowError (`INVALID_FLOW`) for a cycle, an unknown or duplicate name, no nodes, or too many
 */
export function flow<const N extends FlowNodes>(
  name: string,
  nodes: N & CheckedNodes<N>,
): Flow<FlowResults<N>>;
export function flow(
  name: string,
  nodes: Iterable<readonly [string, FlowNode<unknown, string> | Call]>,
): Flow;
export function flow(name: string, nodes: unknown): Flow {
  if (typeof nodes !== 'object' || nodes === null) {
    const advice = `its nodes are ${describeValue(nodes)}; an object of calls by name is expected`;
    throw new InvalidFlowError(String(name), 'not-a-call', [], advice);
  }
  const entries =
    Symbol.iterator in nodes ? [...(nodes as Iterable<never>)] : Object.entries(nodes);
  return flowOf(name, entries as readonly (readonly [string, Written])[]);
}

/** A flow out of nodes in order. */
export function flowOf(name: string, entries: readonly (readonly [string, Written])[]): Flow {
  if (!isLabel(name)) {
    const advice = `a flow's name is text of 1 to 256 characters without control characters, not ${describeValue(name)}`;
    throw new InvalidFlowError(String(name), 'bad-name', [], advice);
  }
  const made: Flow = Object.freeze({ name, graph: checkGraph(name, entries) });
  flows.add(made);
  return made;
}

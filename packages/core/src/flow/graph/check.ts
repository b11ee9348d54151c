import { describeValue, isBulletproofError, nearestOf } from '@bulletproof/kernel';
import type { Call } from '../../job/call.js';
import { isLabel, parseCall } from '../../job/internal.js';
import { type FlowNode, isFlowNode } from '../../job/node.js';
import { type FlowProblem, InvalidFlowError } from '../errors.js';
import { MAX_EDGES, MAX_NODE_NAME, MAX_NODES } from '../limits.js';
import { cycleIn } from './cycle.js';
import type { Graph, GraphNode } from './graph.js';

/** A node as it was written. */
export type Written = FlowNode | Call;

/** Options that a call in a flow cannot have: its id is the flow's, and it starts when what it needs is there. */
const NOT_IN_FLOW = ['id', 'delay', 'at', 'expiresAfter'] as const;

/**
 * Checks nodes by name and turns them into a graph.
 * @throws InvalidFlowError `INVALID_FLOW`
 */
export function checkGraph(flow: string, entries: readonly (readonly [string, Written])[]): Graph {
  const refuse = (problem: FlowProblem, nodes: readonly string[], advice: string): never => {
    throw new InvalidFlowError(flow, problem, nodes, advice);
  };
  if (entries.length === 0) refuse('empty', [], 'it has no nodes; give it one at least');
  if (entries.length > MAX_NODES) {
    const advice = `it has ${entries.length} nodes, ${MAX_NODES} are allowed; use a batch for many alike`;
    refuse('too-large', [], advice);
  }
  const index = new Map<string, number>();
  for (const [at, [name]] of entries.entries()) {
    if (!isNodeName(name)) {
      const advice = `a node's name is text of 1 to ${MAX_NODE_NAME} characters without control characters, '/', '!' and '@', not ${describeValue(name)}`;
      refuse('bad-name', [String(name)], advice);
    }
    if (index.has(name)) refuse('duplicate-node', [name], `two nodes are named '${name}'`);
    index.set(name, at);
  }
  const graph = entries.map(([name, written]): GraphNode => {
    const { call, dependencies, compensation } = partsOf(written);
    const after = dependencies.map((before) => {
      const found = index.get(before);
      if (found !== undefined) return found;
      const nearest = nearestOf(before, [...index.keys()]);
      const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
      const advice = `'${name}' is after '${before}', and no node is named so${hint}`;
      return refuse('unknown-node', [name, before], advice);
    });
    return {
      name,
      call: checkCall(flow, name, call),
      after: Object.freeze(after.sort((a, b) => a - b)),
      undo: compensation && checkCall(flow, `${name}'s undo`, compensation),
    };
  });
  const edges = graph.reduce((sum, { after }) => sum + after.length, 0);
  if (edges > MAX_EDGES) {
    refuse('too-large', [], `it has ${edges} dependencies, ${MAX_EDGES} are allowed`);
  }
  const cycle = cycleIn(graph)?.map((at) => graph[at]?.name ?? '');
  if (cycle) {
    const advice = `its nodes wait for each other in a cycle: ${cycle.join(' → ')}`;
    refuse('cycle', cycle.slice(0, -1), advice);
  }
  return Object.freeze(graph.map((node) => Object.freeze(node)));
}

/** Checks a call that a flow makes: one of its nodes, an undo or a callback. */
export function checkCall(flow: string, what: string, given: unknown): Call {
  const call = read(flow, what, given);
  for (const option of NOT_IN_FLOW) {
    if (call.options?.[option] === undefined) continue;
    const advice = `the call of '${what}' has the option '${option}', which a call in a flow cannot have`;
    throw new InvalidFlowError(flow, 'option', [what], advice);
  }
  return call;
}

function read(flow: string, what: string, given: unknown): Call {
  try {
    return parseCall(given);
  } catch (error) {
    if (!isBulletproofError(error, 'INVALID_OPTION')) throw error;
    const advice = `'${what}' is ${describeValue(given)}; a call is expected (${(error as Error).message})`;
    throw new InvalidFlowError(flow, 'not-a-call', [what], advice);
  }
}

function partsOf(written: Written): Pick<FlowNode, 'dependencies' | 'compensation'> & {
  readonly call: unknown;
} {
  if (isFlowNode(written)) return written;
  return { call: written, dependencies: [], compensation: undefined };
}

function isNodeName(name: unknown): name is string {
  return isLabel(name) && name.length <= MAX_NODE_NAME && !/[/!@]/.test(name);
}

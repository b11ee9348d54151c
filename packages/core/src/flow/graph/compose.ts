import { describeValue } from '@bulletproof/kernel';
import type { Call } from '../../job/call.js';
import { type FlowNode, isFlowNode, nodeOf } from '../../job/node.js';
import { InvalidFlowError } from '../errors.js';
import type { Written } from './check.js';
import { type Flow, flowOf, isFlow } from './define.js';

/** What `chain` and `parallel` are made of: calls, calls with an undo, and one another. */
export type FlowPart = Call | FlowNode<unknown, never> | Flow;

/** A part before its nodes have names: which nodes it has, which of them begin it, and which end it. */
interface Piece {
  readonly nodes: readonly Loose[];
  readonly first: readonly Loose[];
  readonly last: readonly Loose[];
}

/** A node that knows its neighbours by what they are. */
interface Loose {
  readonly call: Call;
  readonly undo: Call | undefined;
  readonly after: readonly Loose[];
}

const pieces = new WeakMap<Flow, (before: readonly Loose[]) => Piece>();

/**
 * A flow of one part after the other: each begins when the one before it has ended. Nodes are named by their jobs
 * (`charge`, `charge#2`).
 * @throws InvalidFlowError `INVALID_FLOW`
 */
export function chain(...parts: readonly FlowPart[]): Flow {
  return composed('chain', parts, (before) => {
    const nodes: Loose[] = [];
    let first: readonly Loose[] | undefined;
    let last = before;
    for (const part of parts) {
      const piece = pieceOf('chain', part, last);
      nodes.push(...piece.nodes);
      first ??= piece.first;
      last = piece.last;
    }
    return { nodes, first: first ?? [], last };
  });
}

/**
 * A flow of parts beside each other. Nodes are named by their jobs (`charge`, `charge#2`).
 * @throws InvalidFlowError `INVALID_FLOW`
 */
export function parallel(...parts: readonly FlowPart[]): Flow {
  return composed('parallel', parts, (before) => {
    const made = parts.map((part) => pieceOf('parallel', part, before));
    return {
      nodes: made.flatMap(({ nodes }) => nodes),
      first: made.flatMap(({ first }) => first),
      last: made.flatMap(({ last }) => last),
    };
  });
}

function composed(
  name: string,
  parts: readonly FlowPart[],
  make: (before: readonly Loose[]) => Piece,
): Flow {
  if (parts.length === 0) {
    throw new InvalidFlowError(name, 'empty', [], `${name}() has no parts; give it one at least`);
  }
  const { nodes } = make([]);
  const names = new Map<Loose, string>();
  const taken = new Map<string, number>();
  for (const node of nodes) names.set(node, nameFor(node.call, taken));
  const entries = nodes.map((node): readonly [string, Written] => {
    const after = node.after.map((before) => names.get(before) ?? '');
    return [names.get(node) ?? '', nodeOf(node.call, after, node.undo)];
  });
  const flow = flowOf(name, entries);
  pieces.set(flow, make);
  return flow;
}

function pieceOf(where: string, part: FlowPart, before: readonly Loose[]): Piece {
  if (isFlow(part)) {
    const make = pieces.get(part);
    if (make) return make(before);
    const advice = `${where}() got the flow '${part.name}', which has names of its own; give it calls, chain() and parallel()`;
    throw new InvalidFlowError(where, 'not-a-call', [part.name], advice);
  }
  const node = isFlowNode(part) ? part : undefined;
  if (node && node.dependencies.length > 0) {
    const advice = `a call of '${node.call.job}' has .after(): in ${where}() the place says what a call waits for`;
    throw new InvalidFlowError(where, 'unknown-node', node.dependencies, advice);
  }
  const call = node ? node.call : (part as Call);
  if (typeof call !== 'object' || call === null || typeof call.job !== 'string') {
    const advice = `${where}() got ${describeValue(part)}; a call is expected`;
    throw new InvalidFlowError(where, 'not-a-call', [], advice);
  }
  const loose: Loose = { call, undo: node?.compensation, after: before };
  return { nodes: [loose], first: [loose], last: [loose] };
}

/** `OrderJobs.charge` is called `charge`, as its method is; a second one `charge#2`. */
function nameFor({ job }: Call, taken: Map<string, number>): string {
  const name = /^[A-Z][\w$]*\.([A-Za-z_$][\w$]*)$/.exec(job)?.[1] ?? job.replaceAll(/[/!@]/g, '.');
  for (;;) {
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    const numbered = count === 1 ? name : `${name}#${count}`;
    if (count === 1 || !taken.has(numbered)) {
      if (count > 1) taken.set(numbered, 1);
      return numbered;
    }
  }
}

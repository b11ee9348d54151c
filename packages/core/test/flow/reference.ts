/** A node of a random graph. */
export interface RandomNode {
  readonly name: string;
  readonly after: readonly string[];
  readonly dies: boolean;
  readonly undo: boolean;
  readonly queue: string;
}

/** What must come of a graph, whoever runs it in whatever order. */
export interface Expected {
  readonly begun: readonly string[];
  readonly undone: readonly string[];
  readonly states: Readonly<Record<string, string>>;
  readonly state: string;
}

/** Runs a graph as simply as can be: its nodes are in an order that respects what they need. */
export function reference(nodes: readonly RandomNode[]): Expected {
  const states: Record<string, string> = {};
  for (const { name, after, dies } of nodes) {
    const canRun = after.every((before) => states[before] === 'completed');
    states[name] = !canRun ? 'skipped' : dies ? 'dead' : 'completed';
  }
  const begun = nodes.filter(({ name }) => states[name] !== 'skipped').map(({ name }) => name);
  const hasFailed = nodes.some(({ name }) => states[name] === 'dead');
  const undone = hasFailed
    ? nodes.filter(({ name, undo }) => undo && states[name] === 'completed').map(({ name }) => name)
    : [];
  for (const name of undone) states[name] = 'undone';
  const state = !hasFailed ? 'completed' : undone.length > 0 ? 'compensated' : 'failed';
  return { begun, undone, states, state };
}

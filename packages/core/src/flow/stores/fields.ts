import type { FlowPlan, TaskDelivery, TaskState, TaskView, Wake } from '../store.js';

/** A task's state as one letter of the text that holds the states of all. */
export const LETTERS = {
  dormant: '-',
  waiting: 'w',
  ready: 'r',
  begun: 'b',
  done: 'd',
  taken: 't',
  dead: 'x',
  skipped: 's',
  cancelled: 'c',
  undone: 'u',
} as const satisfies Record<TaskState, string>;

const STATES = new Map<string, TaskState>(
  Object.entries(LETTERS).map(([state, letter]) => [letter, state as TaskState]),
);

/** Generation, start, touched, round, era, attempts, started, finished, missing since. */
const FRESH = '1 0 0 1 0 0 0 0 0';
const PARTS = 5;
const FIELDS = 3;

/** The state that a letter stands for. */
export function stateOf(letter: string): TaskState {
  const state = STATES.get(letter);
  if (state === undefined) throw new RangeError(`No state of a task is written '${letter}'`);
  return state;
}

/** A flow's record as it begins: name, value, name, value, … Documented in docs/reference/redis-keys.md. */
export function fieldsOf(plan: FlowPlan): string[] {
  const { tasks, nodes, callbacks } = plan;
  const states = tasks.map(({ after }, at) =>
    at >= nodes ? LETTERS.dormant : after.length === 0 ? LETTERS.ready : LETTERS.waiting,
  );
  const undos = tasks.filter(({ undoes }) => undoes !== undefined).length;
  const fields: string[] = ['nm', plan.name, 'st', 'running', 's', states.join(''), 'fr', '1'];
  const put = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== '') fields.push(name, String(value));
  };
  put('n', nodes);
  put('k', nodes + undos);
  put('lb', plan.labels);
  put('keep', plan.keepMs);
  put('yc', callbacks.complete);
  put('ys', callbacks.success);
  put('yf', callbacks.failure);
  for (const [at, task] of tasks.entries()) {
    put(`t${at}`, FRESH);
    put(`c${at}`, task.envelope);
    put(`a${at}`, task.after.join(','));
    put(`o${at}`, task.next.join(','));
    put(`u${at}`, task.undo);
    put(`v${at}`, task.undoes);
    put(`w${at}`, task.wake ? 1 : undefined);
  }
  return fields;
}

/** Deliveries as a script answers them. */
export function deliveriesIn(flat: readonly string[]): Wake {
  const found: TaskDelivery[] = [];
  for (let at = 0; at + PARTS <= flat.length; at += PARTS) {
    const [task, generation, round, era] = flat.slice(at, at + PARTS - 1).map(Number);
    found.push({
      task: task ?? 0,
      generation: generation ?? 0,
      round: round ?? 0,
      era: era ?? 0,
      envelope: flat[at + PARTS - 1] ?? '',
    });
  }
  return found;
}

/** Nodes that were let in, as a script answers them. */
export function grantsIn(text: string): { readonly task: number; readonly generation: number }[] {
  if (text === '') return [];
  return text.split(',').map((pair) => {
    const [task = 0, generation = 0] = pair.split(' ').map(Number);
    return { task, generation };
  });
}

/** Tasks as a script answers them. */
export function viewsIn(states: string, flat: readonly string[]): TaskView[] {
  return states.split('').map((letter, index) => {
    const [changing = '', result, error] = flat.slice(index * FIELDS, (index + 1) * FIELDS);
    const [generation = 0, start = 0, , round = 0, era = 0, attempts = 0, startedAt, finishedAt] =
      changing.split(' ').map(Number);
    return {
      state: stateOf(letter),
      generation,
      start,
      round,
      era,
      attempts,
      startedAtMs: startedAt || undefined,
      finishedAtMs: finishedAt || undefined,
      result: result || undefined,
      error: error || undefined,
    };
  });
}

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InvalidFlowError } from '../../src/flow/errors.js';
import { chain, parallel } from '../../src/flow/graph/compose.js';
import { type Flow, flow } from '../../src/flow/graph/define.js';
import { span, type TreeNode } from '../../src/flow/graph/tree.js';
import { MAX_NODES } from '../../src/flow/limits.js';
import { defineJob, isBulletproofError } from '../../src/index.js';

const a = defineJob<{ n: number }, number>({ name: 'a' });
const b = defineJob<{ n: number }, string>({ name: 'b' });
const charge = defineJob<unknown, unknown>({ name: 'OrderJobs.charge' });

/** Edges of a flow as `before>after`. */
const edges = ({ graph }: Flow): string[] =>
  graph.flatMap(({ name, after }) => after.map((at) => `${graph[at]?.name}>${name}`));
const names = ({ graph }: Flow): string[] => graph.map(({ name }) => name);

function refusal(make: () => unknown): InvalidFlowError {
  try {
    make();
  } catch (error) {
    if (isBulletproofError(error, 'INVALID_FLOW')) return error as InvalidFlowError;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('flow', () => {
  it('takes calls with what they are after and what undoes them', () => {
    const made = flow('f', {
      one: a({ n: 1 }),
      two: b({ n: 2 })
        .after('one')
        .undo(a({ n: 3 })),
      three: a({ n: 4 })
        .undo(a({ n: 5 }))
        .after('one', 'two')
        .after('two'),
    });
    expect(names(made)).toEqual(['one', 'two', 'three']);
    expect(edges(made)).toEqual(['one>two', 'one>three', 'two>three']);
    expect(made.graph.map(({ undo }) => undo?.input)).toEqual([undefined, { n: 3 }, { n: 5 }]);
    expect(JSON.parse(JSON.stringify(a({ n: 1 })))).toEqual({ job: 'a', input: { n: 1 } });
  });

  it('takes calls that went through JSON, and pairs of name and call', () => {
    const plain = JSON.parse(JSON.stringify(a({ n: 1 })));
    expect(
      names(
        flow('f', [
          ['x', plain],
          ['y', a({ n: 1 }).after('x')],
        ]),
      ),
    ).toEqual(['x', 'y']);
  });

  it.each<[string, () => unknown, string, RegExp]>([
    ['no nodes', () => flow('f', {}), 'empty', /no nodes/],
    ['a loop', () => flow('f', [['x', a({ n: 1 }).after('x')]]), 'cycle', /x → x/],
    [
      'a cycle, with its names',
      () =>
        flow('f', {
          start: a({ n: 0 }),
          x: a({ n: 1 }).after('start', 'z'),
          y: a({ n: 1 }).after('x'),
          z: a({ n: 1 }).after('y'),
          end: a({ n: 0 }).after('z'),
        }),
      'cycle',
      /x → z → y → x/,
    ],
    [
      'an unknown name, with the nearest',
      () =>
        flow('f', [
          ['charge', a({ n: 1 })],
          ['ship', a({ n: 1 }).after('chrage')],
        ]),
      'unknown-node',
      /'chrage'.*did you mean 'charge'/,
    ],
    [
      'a name twice',
      () =>
        flow('f', [
          ['x', a({ n: 1 })],
          ['x', a({ n: 1 })],
        ]),
      'duplicate-node',
      /'x'/,
    ],
    [
      'too many nodes',
      () =>
        flow(
          'f',
          Array.from({ length: MAX_NODES + 1 }, (_, n) => [`n${n}`, a({ n })] as const),
        ),
      'too-large',
      /1001 nodes/,
    ],
    ['an id of a call', () => flow('f', { x: a({ n: 1 }, { id: 'mine' }) }), 'option', /'id'/],
    ['a delay', () => flow('f', { x: a({ n: 1 }, { delay: '5s' }) }), 'option', /'delay'/],
    [
      'a delay of an undo',
      () => flow('f', { x: a({ n: 1 }).undo(a({ n: 1 }, { delay: 1 })) }),
      'option',
      /x's undo/,
    ],
    ['what is no call', () => flow('f', { x: 5 as never }), 'not-a-call', /'x'/],
    ['a name with a slash', () => flow('f', { 'x/y': a({ n: 1 }) }), 'bad-name', /'\/'/],
    ['no name of its own', () => flow('', { x: a({ n: 1 }) }), 'bad-name', /name/],
    ['an empty chain', () => chain(), 'empty', /chain/],
    ['after in a chain', () => chain(a({ n: 1 }).after('b') as never), 'unknown-node', /place/],
    ['a named flow in a chain', () => chain(flow('g', { x: a({ n: 1 }) })), 'not-a-call', /'g'/],
  ])('refuses %s', (_, make, problem, message) => {
    const error = refusal(make);
    expect(error.problem).toBe(problem);
    expect(error.message).toMatch(message);
  });

  it('refuses unknown names where TypeScript can know', () => {
    // @ts-expect-error: no node is named 'tow'
    expect(() => flow('f', { one: a({ n: 1 }), two: b({ n: 1 }).after('tow') })).toThrow();
    const made = flow('f', { one: a({ n: 1 }), two: b({ n: 1 }).after('one') });
    const typed: Flow<{ readonly one: number; readonly two: string }> = made;
    expect(typed.name).toBe('f');
  });
});

describe('chain and parallel', () => {
  it('make the same graph as names would', () => {
    const made = chain(
      a({ n: 1 }),
      parallel(b({ n: 1 }), chain(charge(1), charge(2))),
      a({ n: 2 }),
    );
    expect(names(made)).toEqual(['a', 'b', 'charge', 'charge#2', 'a#2']);
    expect(edges(made)).toEqual(['a>b', 'a>charge', 'charge>charge#2', 'b>a#2', 'charge#2>a#2']);
  });

  it('keep an undo, and take one flow twice', () => {
    const part = parallel(a({ n: 1 }).undo(b({ n: 1 })), a({ n: 2 }));
    const made = chain(part, part);
    expect(edges(made)).toEqual(['a>a#3', 'a#2>a#3', 'a>a#4', 'a#2>a#4']);
    expect(made.graph.map(({ undo }) => undo?.job)).toEqual(['b', undefined, 'b', undefined]);
  });
});

describe('the forest of a graph', () => {
  const dag = fc
    .array(fc.array(fc.nat(1_000), { maxLength: 5 }), { minLength: 1, maxLength: 60 })
    .map((picks) =>
      picks.map((some, at) => ({
        after: at === 0 ? [] : [...new Set(some.map((pick) => pick % at))].sort((x, y) => x - y),
      })),
    );

  it('holds every node once, as a child only of what depends on it, with the ends for roots', () => {
    fc.assert(
      fc.property(dag, (graph) => {
        const { roots, extra } = span(graph);
        const seen: number[] = [];
        const visit = ({ index, children }: TreeNode): void => {
          seen.push(index);
          const below = children.map((child) => child.index);
          for (const child of below) expect(graph[index]?.after).toContain(child);
          expect(extra[index]).toBe(below.length < (graph[index]?.after.length ?? 0));
          children.forEach(visit);
        };
        roots.forEach(visit);
        expect(seen.sort((x, y) => x - y)).toEqual([...graph.keys()]);
        const ends = [...graph.keys()].filter(
          (at) => !graph.some(({ after }) => after.includes(at)),
        );
        expect(roots.map(({ index }) => index)).toEqual(ends);
      }),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { loadFilms } from '../../src/catalogue/films.js';
import { readOptions } from '../../src/demo/options.js';
import { planPosts } from '../../src/demo/plan.js';
import { digestOf, OrderRequest } from '../../src/orders/order-request.js';

const films = loadFilms(1);

describe('the plan of posts', () => {
  const plan = planPosts(films, { seed: 5 });
  const of = (kind: string) => plan.filter((post) => post.kind === kind);

  it('has 300 orders, 10 % posted twice and 5 % posted again with another body', () => {
    expect(of('first')).toHaveLength(300);
    expect(of('repeat')).toHaveLength(30);
    expect(of('conflict')).toHaveLength(15);
    for (const { body } of plan) expect(OrderRequest.safeParse(body).success).toBe(true);
  });

  it('posts conflicts after the order, under its id, with another digest', () => {
    const first = new Map(of('first').map((post) => [post.body.id, post]));
    for (const { atMs, body } of of('conflict')) {
      const order = first.get(body.id);
      expect(order && digestOf(order.body)).not.toBe(digestOf(body));
      expect(atMs).toBeGreaterThan(order?.atMs ?? Number.POSITIVE_INFINITY);
    }
  });

  it('is the same for the same seed, in the order of time, and another for another', () => {
    expect(planPosts(films, { seed: 5 })).toEqual(plan);
    expect(planPosts(films, { seed: 6 })).not.toEqual(plan);
    expect(plan.map(({ atMs }) => atMs)).toEqual(
      plan.map(({ atMs }) => atMs).sort((a, b) => a - b),
    );
  });
});

describe('the command line', () => {
  it('has defaults and takes what is documented', () => {
    expect(readOptions([])).toEqual({ bare: false, json: false, orders: 300, seed: 2611 });
    expect(readOptions(['--bare', '--json', '--seed', '7', '--orders', '60'])).toEqual({
      bare: true,
      json: true,
      orders: 60,
      seed: 7,
    });
  });

  it.each([['--fast'], ['--seed', 'x'], ['--seed', '-1'], ['--orders', '0'], ['act']])(
    'refuses %j',
    (...args) => {
      expect(() => readOptions(args)).toThrow();
    },
  );
});

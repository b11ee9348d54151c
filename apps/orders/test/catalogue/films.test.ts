import { describe, expect, it } from '@jest/globals';
import { loadFilms } from '../../src/catalogue/films.js';
import { between, seededRandom } from '../../src/seeded-random.js';

describe('the films', () => {
  const films = loadFilms(1);

  it('are the real ones, each with an id, a price and a stock', () => {
    expect(films.length).toBeGreaterThan(3_000);
    expect(films.map(({ title }) => title)).toContain('The Matrix');
    expect(films.map(({ title }) => title)).toContain('1776'); // a number in the data set
    expect(new Set(films.map(({ id }) => id)).size).toBe(films.length);
    for (const { priceCents, units } of films) {
      expect(priceCents).toBeGreaterThan(0);
      expect(units).toBeGreaterThan(0);
    }
  });

  it('cost the same for the same seed, and not for another', () => {
    expect(loadFilms(1)).toEqual(films);
    expect(loadFilms(2)).not.toEqual(films);
  });
});

describe('seeded random numbers', () => {
  it('repeat for a seed, stay in range and reach both ends', () => {
    const draw = () => {
      const random = seededRandom('x');
      return Array.from({ length: 500 }, () => between(random, 3, 7));
    };
    expect(draw()).toEqual(draw());
    expect(new Set(draw())).toEqual(new Set([3, 4, 5, 6, 7]));
  });
});

import { describe, expect, test } from '@jest/globals';
import { median, quantile, quartiles } from '../src/statistics.js';

describe('statistics', () => {
  test('the median is the middle, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  test('numbers are sorted as numbers', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  test('a quantile lies between its neighbours in proportion', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([0, 10, 20, 30, 40], 1)).toBe(40);
    expect(quantile([0, 10, 20, 30, 40], 0)).toBe(0);
  });

  test('quartiles hold the middle half', () => {
    expect(quartiles([1, 2, 3, 4, 5])).toEqual({ low: 2, high: 4 });
  });

  test('nothing has no median', () => {
    expect(median([])).toBeNaN();
  });

  test('the numbers given are left as they are', () => {
    const values = Object.freeze([3, 1, 2]);
    expect(median(values)).toBe(2);
  });
});

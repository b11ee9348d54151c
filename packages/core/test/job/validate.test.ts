import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  defineJob,
  InvalidInputError,
  InvalidOutputError,
  type Schema,
} from '../../src/job/index.js';
import {
  type JobDefinition,
  referredBy,
  validateInput,
  validateOutput,
} from '../../src/job/internal.js';

const Order = z.object({
  orderId: z.string().min(1),
  currency: z.string().default('EUR'),
  items: z.array(z.object({ 'sku-id': z.string() })).default([]),
});

/** The same, asynchronously. */
const slow: Schema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => Promise.resolve(Order['~standard'].validate(value)),
  },
};

function definitionWith(options: { input?: Schema; output?: Schema }): JobDefinition {
  const reference = defineJob({ name: 'charge', ...options } as { name: string });
  return referredBy(reference) as JobDefinition;
}

describe('validateInput', () => {
  it('gives the very input back when there is no schema', () => {
    const input = { orderId: 7 };
    expect(validateInput(definitionWith({}), input)).toBe(input);
  });

  it('gives what the schema makes, at once when the schema is synchronous', () => {
    expect(validateInput(definitionWith({ input: Order }), { orderId: '42' })).toEqual({
      orderId: '42',
      currency: 'EUR',
      items: [],
    });
  });

  it('gives a promise when the schema is asynchronous', async () => {
    const validated = validateInput(definitionWith({ input: slow }), { orderId: '42' });
    expect(validated).toBeInstanceOf(Promise);
    await expect(validated).resolves.toMatchObject({ currency: 'EUR' });
  });

  it('refuses with the path to each culprit', () => {
    const validate = () =>
      validateInput(definitionWith({ input: Order }), {
        orderId: 7,
        items: [{ 'sku-id': 'a' }, { 'sku-id': 1 }],
      });
    expect(validate).toThrow(InvalidInputError);
    expect(validate).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        job: 'charge',
        issues: [
          { path: '$.orderId', message: 'Invalid input: expected string, received number' },
          {
            path: '$.items[1]["sku-id"]',
            message: 'Invalid input: expected string, received number',
          },
        ],
        message:
          'The input of \'charge\' is invalid: $.orderId: Invalid input: expected string, received number; $.items[1]["sku-id"]: Invalid input: expected string, received number',
      }),
    );
  });

  it('shows three issues in its message and keeps all in its fields', () => {
    const issues = Array.from({ length: 5 }, (_, i) => ({ path: `$[${i}]`, message: 'no' }));
    const error = new InvalidInputError('charge', issues);
    expect(error.message).toBe(
      "The input of 'charge' is invalid: $[0]: no; $[1]: no; $[2]: no; and 2 more",
    );
    expect(error.issues).toHaveLength(5);
  });

  it('refuses asynchronously when the schema is asynchronous', async () => {
    await expect(validateInput(definitionWith({ input: slow }), {})).rejects.toThrow(
      InvalidInputError,
    );
  });
});

describe('validateOutput', () => {
  it('gives the result, or what the schema makes of it', () => {
    expect(validateOutput(definitionWith({}), 7)).toBe(7);
    expect(validateOutput(definitionWith({ output: Order }), { orderId: '1', extra: 1 })).toEqual({
      orderId: '1',
      currency: 'EUR',
      items: [],
    });
  });

  it('refuses what the schema refuses', () => {
    const validate = () => validateOutput(definitionWith({ output: Order }), undefined);
    expect(validate).toThrow(InvalidOutputError);
    expect(validate).toThrow(
      "The handler of 'charge' returned what its output schema refuses: $: Invalid input: expected object, received undefined",
    );
  });
});

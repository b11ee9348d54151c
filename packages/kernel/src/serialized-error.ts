import { describeValue } from './describe-value.js';
import { isBulletproofError, markAsBulletproof } from './errors.js';
import type { JsonValue } from './json-value.js';

/** An error as JSON: what is stored in Redis and shown to people. */
export interface SerializedError {
  readonly name: string;
  /** At most 4,096 characters. */
  readonly message: string;
  readonly code?: string;
  /** At most 4,096 characters. */
  readonly stack?: string;
  /** At most three causes below the outermost error. */
  readonly cause?: SerializedError;
  /** Own fields that JSON can carry, each at most 2,048 characters of it. */
  readonly data?: { readonly [field: string]: JsonValue };
  /** True when it was one of our errors, so that the revived one is recognised too. */
  readonly bulletproof?: true;
}

const MAX_TEXT = 4_096;
const MAX_FIELDS = 32;
const MAX_FIELD_TEXT = 2_048;
const MAX_CAUSES = 3;

/** Turns any thrown value, however hostile, into bounded JSON; never throws. */
export function serializeError(error: unknown): SerializedError {
  return serialize(error, 0, []);
}

function serialize(error: unknown, depth: number, seen: readonly unknown[]): SerializedError {
  if (typeof error !== 'object' || error === null) {
    // `throw 'text'` and `throw undefined` happen; the text is all there is.
    return {
      name: 'Error',
      message: bounded(typeof error === 'string' ? error : describeValue(error)),
    };
  }
  const code = textOf(read(error, 'code'));
  const stack = textOf(read(error, 'stack'));
  // Node reports a refused connection as an AggregateError without a message: its first error says more.
  const cause = read(error, 'cause') ?? read(read(error, 'errors'), '0');
  const data = dataOf(error);
  const causeFollows =
    cause !== undefined && depth < MAX_CAUSES && cause !== error && !seen.includes(cause);
  return {
    name: textOf(read(error, 'name')) ?? 'Error',
    message: textOf(read(error, 'message')) ?? describeValue(error),
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
    ...(causeFollows && { cause: serialize(cause, depth + 1, [...seen, error]) }),
    ...(data !== undefined && { data }),
    ...(isBulletproofError(error) && { bulletproof: true }),
  };
}

/** Makes an `Error` again: same name, message, code, stack, causes and own data; never throws. */
export function reviveError(serialized: SerializedError): Error {
  const { cause } = serialized;
  const error = new Error(
    serialized.message,
    cause === undefined ? undefined : { cause: reviveError(cause) },
  );
  hide(error, 'name', serialized.name);
  // Without a stack of its own it gets none: the place of reviving would mislead.
  hide(error, 'stack', serialized.stack ?? `${serialized.name}: ${serialized.message}`);
  if (serialized.bulletproof === true) markAsBulletproof(error);
  for (const [field, value] of Object.entries(serialized.data ?? {})) {
    if (!RESERVED.has(field)) Object.defineProperty(error, field, { ...OWN, value });
  }
  if (serialized.code !== undefined) {
    Object.defineProperty(error, 'code', { ...OWN, value: serialized.code });
  }
  return error;
}

const RESERVED = new Set(['name', 'message', 'stack', 'cause', 'code', 'errors', '__proto__']);
const OWN = { configurable: true, enumerable: true, writable: true };

function hide(error: Error, field: string, value: string): void {
  Object.defineProperty(error, field, { ...OWN, enumerable: false, value });
}

function dataOf(error: object): SerializedError['data'] {
  const data: Record<string, JsonValue> = {};
  for (const field of fieldsOf(error)) {
    const value = RESERVED.has(field) ? undefined : jsonOf(read(error, field));
    if (value !== undefined) data[field] = value;
  }
  return Object.keys(data).length === 0 ? undefined : data;
}

function fieldsOf(error: object): string[] {
  try {
    return Object.keys(error).slice(0, MAX_FIELDS);
  } catch {
    return [];
  }
}

function jsonOf(value: unknown): JsonValue | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string') return bounded(value, MAX_FIELD_TEXT);
  if (typeof value !== 'object') return undefined;
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined || text.length > MAX_FIELD_TEXT
      ? undefined
      : (JSON.parse(text) as JsonValue);
  } catch {
    return undefined;
  }
}

function read(target: unknown, field: string): unknown {
  if (typeof target !== 'object' || target === null) return undefined;
  try {
    return (target as Readonly<Record<string, unknown>>)[field];
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return bounded(value);
  return typeof value === 'number' ? String(value) : undefined;
}

function bounded(text: string, max: number = MAX_TEXT): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

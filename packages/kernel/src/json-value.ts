import { isDate } from 'node:util/types';
import { describeValue } from './describe-value.js';
import { BulletproofError } from './errors.js';
import { jsonTextBytes } from './json-text.js';

/** Anything JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** A value that JSON cannot carry unchanged; code `NOT_JSON`. */
export class NotJsonError extends BulletproofError {
  readonly code = 'NOT_JSON';
  /** Where the culprit is, for example `$.items[3].when`. */
  readonly path: string;
  /** What was found there, in words. */
  readonly found: string;

  constructor(where: string, path: string, found: string) {
    super(
      `${where}: ${path} is ${found}, which JSON cannot carry; pass plain JSON values only (a date as text or milliseconds)`,
    );
    this.path = path;
    this.found = found;
  }
}

/** A value whose JSON is longer than allowed; code `PAYLOAD_TOO_LARGE`. */
export class PayloadTooLargeError extends BulletproofError {
  readonly code = 'PAYLOAD_TOO_LARGE';
  /** Size of the JSON in UTF-8 bytes. */
  readonly bytes: number;
  /** The limit in bytes. */
  readonly maxBytes: number;

  constructor(where: string, bytes: number, maxBytes: number) {
    super(
      `${where}: ${bytes} bytes of JSON, ${maxBytes} are allowed; store the data elsewhere and pass a reference, or raise the limit`,
    );
    this.bytes = bytes;
    this.maxBytes = maxBytes;
  }
}

/** Options of {@link assertJsonValue}. */
export interface JsonLimits {
  /** Largest size of the JSON, in UTF-8 bytes. */
  readonly maxBytes: number;
  /** What the value is, for the error message, for example `input of charge`. */
  readonly where: string;
}

/** Arrays and objects may be nested this deep. */
export const MAX_JSON_DEPTH = 500;

/**
 * Checks that a value survives JSON unchanged and returns the size of its JSON in UTF-8 bytes. Undefined properties are skipped, as
 * JSON does; an instance with `toJSON` stands for what that returns, except a `Date`.
 * @throws NotJsonError `NOT_JSON` for dates, bigints, NaN, functions, symbols, instances, cycles, own `__proto__` keys, undefined in
 * arrays, or more than 500 levels
 * @throws PayloadTooLargeError `PAYLOAD_TOO_LARGE` when the JSON exceeds `maxBytes`
 */
export function assertJsonValue(value: unknown, { maxBytes, where }: JsonLimits): number {
  // The common case pays for neither paths nor a set of ancestors; only a bad value is walked again, to say where.
  const bytes = sizeOf(value, 0);
  if (bytes < 0) return refuse(value, where);
  if (bytes > maxBytes) throw new PayloadTooLargeError(where, bytes, maxBytes);
  return bytes;
}

const BAD = -1;

function sizeOf(value: unknown, depth: number): number {
  switch (typeof value) {
    case 'string':
      return jsonTextBytes(value);
    case 'number':
      return sizeOfNumber(value);
    case 'boolean':
      return value ? 4 : 5;
    case 'object':
      if (value === null) return 4;
      // A cycle ends here as well.
      if (depth >= MAX_JSON_DEPTH) return BAD;
      return Array.isArray(value) ? sizeOfArray(value, depth) : sizeOfObject(value, depth);
    default:
      return BAD;
  }
}

function sizeOfNumber(value: number): number {
  // Small whole numbers are most numbers: count digits without making a string.
  if (value >= 0 && value < 100_000 && value === Math.trunc(value)) {
    return value < 10 ? 1 : value < 100 ? 2 : value < 1_000 ? 3 : value < 10_000 ? 4 : 5;
  }
  return Number.isFinite(value) ? String(value).length : BAD;
}

function sizeOfArray(items: readonly unknown[], depth: number): number {
  let total = items.length === 0 ? 2 : items.length + 1;
  for (let index = 0; index < items.length; index += 1) {
    const bytes = sizeOf(items[index], depth + 1);
    if (bytes < 0) return BAD;
    total += bytes;
  }
  return total;
}

function sizeOfObject(value: object, depth: number): number {
  const toJson = toJsonOf(value);
  if (toJson !== undefined) {
    return isDate(value) ? BAD : sizeOf(toJson.call(value, ''), depth + 1);
  }
  if (!isPlain(value)) return BAD;
  const fields = value as Readonly<Record<string, unknown>>;
  let total = 1;
  for (const key of Object.keys(fields)) {
    if (key === '__proto__') return BAD;
    const field = fields[key];
    if (field === undefined) continue;
    const bytes = sizeOf(field, depth + 1);
    if (bytes < 0) return BAD;
    // The colon and the comma or brace that follows.
    total += jsonTextBytes(key) + bytes + 2;
  }
  return total === 1 ? 2 : total;
}

type ToJson = (this: object, key: string) => unknown;

function toJsonOf(value: object): ToJson | undefined {
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? (toJSON as ToJson) : undefined;
}

// Also true for plain objects of another realm (a vm context), whose root prototype is not our Object.prototype.
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype) === null
  );
}

function refuse(value: unknown, where: string): never {
  const culprit = culpritIn(value, '$', []);
  throw new NotJsonError(
    where,
    culprit?.path ?? '$',
    culprit?.found ?? 'a value that changes while it is read',
  );
}

interface Culprit {
  readonly path: string;
  readonly found: string;
}

function culpritIn(
  value: unknown,
  path: string,
  ancestors: readonly object[],
): Culprit | undefined {
  if (typeof value !== 'object' || value === null) {
    return sizeOf(value, 0) < 0 ? { path, found: describeValue(value) } : undefined;
  }
  const circle = ancestors.indexOf(value);
  if (circle !== -1) return { path, found: 'a circle (the value contains itself)' };
  if (ancestors.length >= MAX_JSON_DEPTH) {
    return { path, found: `nested deeper than ${MAX_JSON_DEPTH} levels` };
  }
  const inner = [...ancestors, value];
  if (Array.isArray(value))
    return firstCulprit(value.entries(), inner, (index) => `${path}[${index}]`);
  return culpritInObject(value, path, inner);
}

function culpritInObject(
  value: object,
  path: string,
  inner: readonly object[],
): Culprit | undefined {
  const toJson = toJsonOf(value);
  if (toJson !== undefined && !isDate(value)) {
    return culpritIn(toJson.call(value, ''), path, inner);
  }
  if (toJson !== undefined || !isPlain(value)) return { path, found: describeValue(value) };
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.some(([key]) => key === '__proto__')) {
    return { path: `${path}.__proto__`, found: 'a key that could change a prototype' };
  }
  return firstCulprit(fields, inner, (key) => path + step(key));
}

function firstCulprit<Key>(
  entries: Iterable<readonly [Key, unknown]>,
  inner: readonly object[],
  pathOf: (key: Key) => string,
): Culprit | undefined {
  for (const [key, field] of entries) {
    const culprit = culpritIn(field, pathOf(key), inner);
    if (culprit !== undefined) return culprit;
  }
  return undefined;
}

function step(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}

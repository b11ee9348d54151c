import { createHash } from 'node:crypto';
import { describeValue } from './describe-value.js';
import { InvalidOptionError } from './errors.js';

/** How many hash tags an app's keys are spread over; fixed for ever, because it decides where a record is found. */
export const TAG_COUNT = 16;

const MAX_PREFIX_BYTES = 128;
const MAX_PART_BYTES = 128;

/** Builds every key name under one prefix. */
export interface Keyspace {
  /** The prefix as given. */
  readonly prefix: string;
  /** The number (0 to 15) of the hash tag that the unit named by `text` lives under; the same for ever. */
  tagOf(text: string): number;
  /**
   * The key `<prefix>:{r07}:part:part`; parts may be any text (special characters are encoded, over 128 bytes hashed).
   * @throws RangeError when `tag` is not a whole number from 0 to 15
   */
  key(tag: number, ...parts: readonly string[]): string;
}

/**
 * Creates the key builder of a prefix.
 * @throws InvalidOptionError `INVALID_OPTION` when the prefix is empty, over 128 bytes, holds spaces or control characters, or
 * braces other than one pair around all of it
 */
export function keyspace(prefix: string): Keyspace {
  checkPrefix(prefix);
  const heads = Array.from(
    { length: TAG_COUNT },
    (_, tag) => `${prefix}:{r${String(tag).padStart(2, '0')}}`,
  );
  return {
    prefix,
    tagOf,
    key(tag, ...parts) {
      let key = heads[tag];
      if (key === undefined) throw new RangeError(`No hash tag number ${tag}: it must be 0 to 15`);
      for (const part of parts) key += `:${encodePart(part)}`;
      return key;
    },
  };
}

function checkPrefix(prefix: unknown): void {
  const valid =
    typeof prefix === 'string' &&
    Buffer.byteLength(prefix) <= MAX_PREFIX_BYTES &&
    (/^[^\s{}\p{Cc}\p{Surrogate}]+$/u.test(prefix) ||
      /^\{[^\s{}\p{Cc}\p{Surrogate}]+\}$/u.test(prefix));
  if (valid) return;
  throw new InvalidOptionError({
    option: 'prefix',
    expected:
      'text of 1 to 128 bytes without spaces, control characters or braces (one pair around all of it is fine)',
    received: describeValue(prefix),
  });
}

// FNV-1a over UTF-16 units, with the high bits folded in: the low four alone would see little of the text.
function tagOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash ^= hash >>> 16;
  hash ^= hash >>> 8;
  return (hash ^ (hash >>> 4)) & (TAG_COUNT - 1);
}

// Our separators, the characters of a hash tag, our escape sign, and what a client or terminal could garble.
// A lone surrogate has no UTF-8 form: two different texts would become one key.
const SPECIAL = /[:{}%\p{Cc}\p{Surrogate}]/u;
const SPECIALS = /[:{}%\p{Cc}\p{Surrogate}]/gu;

/** Encodes user text so that it can be one part of a key or id: no `:`, braces or controls, at most 128 bytes, never two texts alike. */
export function encodePart(text: string): string {
  const encoded = SPECIAL.test(text)
    ? text.replace(SPECIALS, (char) => `%${hex(char.charCodeAt(0))}`)
    : text;
  // A UTF-16 unit takes three bytes at most, so short texts need no count.
  if (encoded.length * 3 <= MAX_PART_BYTES || Buffer.byteLength(encoded) <= MAX_PART_BYTES) {
    return encoded;
  }
  // '%~' cannot come out of the encoding above, so a hash never meets a literal text.
  return `%~${createHash('sha256').update(encoded).digest('base64url')}`;
}

function hex(unit: number): string {
  const digits = unit.toString(16).toUpperCase();
  return unit <= 0xff ? digits.padStart(2, '0') : `u${digits}`;
}

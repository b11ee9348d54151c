import { describeValue } from '../describe-value.js';
import type { AnyScript, ScriptArg, ScriptField, TaggedReply } from './script.js';
import { ScriptError, scriptErrorFrom } from './script-error.js';

type Value = string | number;

/**
 * Appends the keys of one call, in their declared order.
 * @throws ScriptError `SCRIPT_FAILED` when one is missing
 */
export function writeKeys(
  script: AnyScript,
  keys: Readonly<Record<string, string>>,
  out: string[],
): void {
  for (const name of script.keys) {
    const key = keys[name];
    if (typeof key !== 'string') throw misuse(script, `key ${name}`, 'text', key);
    out.push(key);
  }
}

/**
 * Appends the arguments of one call as Redis gets them, in their declared order.
 * @throws ScriptError `SCRIPT_FAILED` when one is missing or of the wrong type
 */
export function writeArgs(script: AnyScript, args: object, out: string[]): void {
  const values = args as Readonly<Record<string, unknown>>;
  for (const arg of script.args) out.push(wireText(script, arg, values[arg.name]));
}

function wireText(script: AnyScript, { name, type, optional }: ScriptArg, value: unknown): string {
  if (type === 'string') {
    if (typeof value === 'string') return value;
  } else if (typeof value === 'number') {
    if (type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)) {
      return String(value);
    }
  }
  if (value === undefined && optional) return '';
  throw misuse(script, `argument ${name}`, type, value);
}

function misuse(script: AnyScript, what: string, expected: string, value: unknown): ScriptError {
  return new ScriptError(script.name, {
    reason: `${what}: expected ${expected}, got ${describeValue(value)}`,
  });
}

/**
 * Reads one reply as declared.
 * @throws ScriptError `SCRIPT_FAILED` when the call failed in Lua or answered against its declaration
 */
export function readReply(script: AnyScript, reply: unknown): TaggedReply {
  if (!Array.isArray(reply)) throw undeclared(script, `answered ${describeValue(reply)}`);
  const [tag, ...values]: unknown[] = reply;
  if (tag === '!error') throw scriptErrorFrom(script, String(values[0]));
  const fields = typeof tag === 'string' ? script.replies[tag] : undefined;
  if (fields === undefined || typeof tag !== 'string') {
    throw undeclared(script, `answered the undeclared tag ${describeValue(tag)}`);
  }
  const decoded: Record<string, unknown> = { tag };
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] as ScriptField;
    decoded[field.name] = readField(script, field, values[index]);
  }
  return decoded as unknown as TaggedReply;
}

function readField(script: AnyScript, field: ScriptField, value: unknown): unknown {
  if (field.optional && (value === undefined || value === null || value === '')) return undefined;
  if (!field.list) return readValue(script, field, value);
  if (!Array.isArray(value)) throw wrongField(script, field, value);
  return value.map((element: unknown) => readValue(script, field, element));
}

function readValue(script: AnyScript, field: ScriptField, value: unknown): Value {
  if (field.type === 'string') {
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
  } else if (typeof value === 'number' || (typeof value === 'string' && value !== '')) {
    const number = Number(value);
    if (field.type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number)) {
      return number;
    }
  }
  throw wrongField(script, field, value);
}

function wrongField(script: AnyScript, field: ScriptField, value: unknown): ScriptError {
  const expected = `${field.type}${field.list ? '[]' : ''}`;
  return undeclared(
    script,
    `answered ${describeValue(value)} for ${field.name}, declared as ${expected}`,
  );
}

function undeclared(script: AnyScript, reason: string): ScriptError {
  return new ScriptError(script.name, { reason });
}

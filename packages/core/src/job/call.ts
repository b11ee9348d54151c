import { assertJsonValue, checkOptions, type Rule, rule } from '@bulletproof/kernel';
import { type CallOptions, type StoredCallOptions, storedCallOptions } from './call-options.js';
import { label } from './check-options.js';
import type { JobDefinition } from './definition.js';
import { type Call, NODE_METHODS, type NodeCall } from './node.js';

export type { Call, NodeCall } from './node.js';

/** What is known of a call besides its data. */
export interface CallFacts {
  /** Size of the input as JSON, in UTF-8 bytes; 0 when there is none. */
  readonly inputBytes: number;
  /** What the reference that made the call refers to; undefined for a call from plain data. */
  readonly definition: JobDefinition | undefined;
}

// private to this copy of the package: whatever carries it was made and checked below
const FACTS = Symbol('bulletproof.call-facts');

/**
 * Makes a call of a job. The input is copied, so that what the caller does to it later changes nothing.
 * @throws NotJsonError `NOT_JSON` when the input is not JSON data.
 * @throws InvalidOptionError `INVALID_OPTION` for a bad call option.
 */
export function createCall(
  definition: JobDefinition,
  input: unknown,
  options?: CallOptions,
): NodeCall {
  const { name } = definition;
  return freezeCall(name, input, storedCallOptions(`${name} call options`, options), definition);
}

/**
 * Makes a call out of plain data, such as one that went through JSON. A call comes back as it is.
 * @throws InvalidOptionError `INVALID_OPTION` when the data is no call.
 * @throws NotJsonError `NOT_JSON` when its input is not JSON data.
 */
export function parseCall(data: unknown): Call {
  if (isCall(data)) return data;
  const { job, input, options } = checkOptions('call', data, parseRules);
  return freezeCall(job, input, storedCallOptions('call.options', options), undefined);
}

/** What is known of a call besides its data. A spread or otherwise copied call has lost it and is parsed again. */
export function callFacts(call: Call): CallFacts {
  return factsOf(call) ?? callFacts(parseCall({ ...call }));
}

const anything: Rule<unknown> = (value) => value;

const parseRules = { job: label, input: anything, options: rule.optional(anything) };

function freezeCall(
  job: string,
  input: unknown,
  options: StoredCallOptions | undefined,
  definition: JobDefinition | undefined,
): NodeCall {
  const inputBytes =
    input === undefined ? 0 : assertJsonValue(input, { where: `${job} input`, maxBytes: Infinity });
  const call: { job: string; input?: unknown; options?: StoredCallOptions } =
    Object.create(NODE_METHODS);
  call.job = job;
  if (input !== undefined) call.input = frozenCopy(input);
  if (options !== undefined) call.options = options;
  Object.defineProperty(call, FACTS, { value: Object.freeze({ inputBytes, definition }) });
  return Object.freeze(call) as unknown as NodeCall;
}

function isCall(value: unknown): value is Call {
  return typeof value === 'object' && value !== null && factsOf(value) !== undefined;
}

function factsOf(value: object): CallFacts | undefined {
  return Object.getOwnPropertyDescriptor(value, FACTS)?.value as CallFacts | undefined;
}

// after assertJsonValue the round trip changes nothing but undefined properties, toJSON and -0
function frozenCopy(input: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(input));
  return typeof copy === 'object' && copy !== null ? deepFreeze(copy) : copy;
}

function deepFreeze(value: object): object {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) deepFreeze(part as object);
  }
  return Object.freeze(value);
}

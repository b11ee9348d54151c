import type { JobDefinition } from './definition.js';
import { InvalidInputError, InvalidOutputError } from './errors.js';
import { plainIssues, type Schema, type SchemaIssue } from './schema.js';

/**
 * What the input schema makes of a raw input; the input itself when there is no schema. A promise only
 * when the schema is asynchronous.
 * @throws InvalidInputError (`INVALID_INPUT`), as a rejection when the schema is asynchronous.
 */
export function validateInput(job: JobDefinition, raw: unknown): unknown {
  if (!job.input) return raw;
  return validate(job.input, raw, (issues) => new InvalidInputError(job.name, issues));
}

/**
 * What the output schema makes of a handler's result; the result itself when there is no schema. A
 * promise only when the schema is asynchronous.
 * @throws InvalidOutputError (`INVALID_OUTPUT`), as a rejection when the schema is asynchronous.
 */
export function validateOutput(job: JobDefinition, value: unknown): unknown {
  if (!job.output) return value;
  return validate(job.output, value, (issues) => new InvalidOutputError(job.name, issues));
}

type Refuse = (issues: readonly SchemaIssue[]) => Error;
type Result = Awaited<ReturnType<Schema['~standard']['validate']>>;

function validate(schema: Schema, value: unknown, refuse: Refuse): unknown {
  const accept = (result: Result): unknown => {
    if (result.issues) throw refuse(plainIssues(result.issues));
    return result.value;
  };
  const result = schema['~standard'].validate(value);
  // a schema may bring any thenable; callers get a promise
  return isThenable(result) ? Promise.resolve(result).then(accept) : accept(result);
}

function isThenable(result: Result | Promise<Result>): result is Promise<Result> {
  return 'then' in result && typeof result.then === 'function';
}

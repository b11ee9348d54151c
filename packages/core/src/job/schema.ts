import type { StandardSchemaV1 } from '@standard-schema/spec';

/** Any Standard Schema (zod, valibot, arktype, …) from what callers give to what handlers get. */
export type Schema<I = unknown, O = I> = StandardSchemaV1<I, O>;

/** What a schema accepts. */
export type SchemaInput<S extends Schema> = StandardSchemaV1.InferInput<S>;

/** What a schema makes of it. */
export type SchemaOutput<S extends Schema> = StandardSchemaV1.InferOutput<S>;

/** One complaint of a schema, with the JSON path to the culprit (`$.items[3].sku`). */
export interface SchemaIssue {
  readonly path: string;
  readonly message: string;
}

/** Whether a value implements Standard Schema, version 1. */
export function isSchema(value: unknown): value is Schema {
  // arktype's schemas are functions
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const props: unknown = Reflect.get(value, '~standard');
  return (
    typeof props === 'object' &&
    props !== null &&
    Reflect.get(props, 'version') === 1 &&
    typeof Reflect.get(props, 'validate') === 'function'
  );
}

/** The issues of a failed validation as plain data. */
export function plainIssues(issues: readonly StandardSchemaV1.Issue[]): readonly SchemaIssue[] {
  return issues.map(({ path, message }) => ({ path: jsonPath(path ?? []), message }));
}

function jsonPath(path: NonNullable<StandardSchemaV1.Issue['path']>): string {
  return path.reduce<string>((text, segment) => {
    const key = typeof segment === 'object' ? segment.key : segment;
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    return /^[A-Za-z_$][\w$]*$/.test(name) ? `${text}.${name}` : `${text}[${JSON.stringify(name)}]`;
  }, '$');
}

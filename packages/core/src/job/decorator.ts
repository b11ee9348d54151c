import { InvalidOptionError } from '@bulletproof/kernel';
import { checkJobDefaults, checkJobOptions, type DeclaredOptions } from './check-options.js';
import { decoratedMethod } from './decorated-method.js';
import type {
  ContractJobDecorator,
  PlainJobDecorator,
  SchemaJobDecorator,
} from './decorator-types.js';
import type { JobDefinition } from './definition.js';
import { DuplicateHandlerError } from './errors.js';
import {
  type JobMetadata,
  readJobMetadata,
  writeJobMetadata,
  writeJobMetadataOn,
} from './metadata.js';
import type { JobDefaults, PlainJobOptions, SchemaJobOptions } from './options.js';
import { type JobContract, type NoReference, referredBy } from './reference.js';
import type { Schema } from './schema.js';

/**
 * Makes a method a job. It works as a legacy (`experimentalDecorators`) and as a standard decorator, and
 * only records metadata. Another decorator that replaces the method should call `copyJobMetadata`; where
 * it does not, put `@Job` above it.
 *
 * With a contract from `defineJob` the method handles that job; options then replace the contract's
 * where the job runs.
 *
 * @throws InvalidOptionError (`INVALID_OPTION`) for a bad option, and on anything but an instance method.
 * @throws DuplicateHandlerError (`DUPLICATE_HANDLER`) for a reference to a job that has a handler.
 */
export function Job<I, P, H, R>(
  contract: JobContract<I, P, H, R>,
  options?: JobDefaults,
): ContractJobDecorator<P, H>;
export function Job<S extends Schema, O extends Schema = Schema>(
  options: SchemaJobOptions<S, O>,
): SchemaJobDecorator<S, O>;
export function Job<K = unknown, O extends Schema = Schema>(
  options?: PlainJobOptions<K, O> & NoReference,
): PlainJobDecorator<K, O>;
export function Job(optionsOrContract?: unknown, overrides?: unknown) {
  const contract = referredBy(optionsOrContract);
  // what `@Job` without parentheses gets is a method and its name or context
  if (!contract && overrides !== undefined) {
    throw new InvalidOptionError({
      option: '@Job',
      expected: '@Job() with parentheses',
      received: '@Job alone',
    });
  }
  return (...decorated: readonly unknown[]): void => {
    const { method, key, prototype } = decoratedMethod('@Job', decorated);
    if (readJobMetadata(method)) {
      throw new InvalidOptionError({
        option: `@Job ${key}`,
        expected: 'one @Job on a method',
        received: 'two',
      });
    }
    const where = `@Job ${key}`;
    const metadata = contract
      ? ofContract(contract, checkJobDefaults(where, overrides ?? {}))
      : { options: checkJobOptions(where, optionsOrContract ?? {}) };
    writeJobMetadata(method, Object.freeze(metadata));
    if (prototype) writeJobMetadataOn(prototype, key, metadata);
  };
}

function ofContract(contract: JobDefinition, overrides: Partial<DeclaredOptions>): JobMetadata {
  if (contract.handler ?? contract.owner) throw new DuplicateHandlerError(contract.name);
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return {
    contract,
    options: Object.freeze({ ...contract.options, ...Object.fromEntries(given) }),
  };
}

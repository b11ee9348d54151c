import { decoratedMethod, refuseOption } from '@bulletproof/kernel';
import { breakers, declareBreaker, type RegisteredOptions } from './registry.js';

/** A method that a breaker can protect: what it returns comes with a promise. */
type ProtectedMethod = (...args: never) => PromiseLike<unknown>;

/** What `@Breaker` returns: a method decorator of both dialects. */
export interface BreakerDecorator {
  <M extends ProtectedMethod>(method: M, context: ClassMethodDecoratorContext): M;
  <M extends ProtectedMethod>(
    prototype: object,
    key: string,
    descriptor: TypedPropertyDescriptor<M>,
  ): TypedPropertyDescriptor<M>;
}

/**
 * Puts a method behind the breaker of a name; methods with the same name share it. It works as a legacy
 * (`experimentalDecorators`) and as a standard decorator. Where the state is, `configureBreakers` says; that is looked up at the first
 * call.
 *
 * `@Breaker({ name: 'stripe', timeout: '3s' }) capture(orderId: string) { … }`, elsewhere `@Breaker('stripe') refund(…) { … }`
 *
 * @throws InvalidOptionError `INVALID_OPTION` for bad options, and on anything but an instance method
 * @throws BreakerConflictError `BREAKER_CONFLICT` when the name is declared with other options
 */
export function Breaker(
  nameOrOptions: string | (RegisteredOptions & { readonly name: string }),
): BreakerDecorator {
  const options = typeof nameOrOptions === 'string' ? { name: nameOrOptions } : nameOrOptions;
  if (typeof options !== 'object' || options === null) {
    refuseOption('@Breaker', 'a name, or options with a name', nameOrOptions);
  }
  const decorate = (...decorated: readonly unknown[]): unknown => {
    const { method, prototype } = decoratedMethod('@Breaker', decorated);
    declareBreaker(options);
    const guarded = guard(options.name, method as (...args: unknown[]) => unknown);
    // Only a legacy decorator is told the prototype, and gives back a descriptor.
    return prototype === undefined
      ? guarded
      : { ...(decorated[2] as PropertyDescriptor), value: guarded };
  };
  return decorate as BreakerDecorator;
}

function guard(name: string, method: (...args: unknown[]) => unknown) {
  const guarded = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    return breakers.get(name).call({ method, self: this }, ...args);
  };
  copyMetadata(method, guarded);
  return guarded;
}

/** What other decorators have left on the method (`@Job`, those of NestJS) moves along: it does not matter which stands above. */
function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    if (key === 'prototype') continue;
    const descriptor = Object.getOwnPropertyDescriptor(from, key);
    if (descriptor) Object.defineProperty(to, key, descriptor);
  }
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as ReflectMetadata;
  if (!getOwnMetadataKeys || !getOwnMetadata || !defineMetadata) return;
  for (const key of getOwnMetadataKeys(from)) defineMetadata(key, getOwnMetadata(key, from), to);
}

/** What the package reflect-metadata adds, when it is there. */
interface ReflectMetadata {
  readonly getOwnMetadataKeys?: (target: object) => unknown[];
  readonly getOwnMetadata?: (key: unknown, target: object) => unknown;
  readonly defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

import { InvalidOptionError } from './errors.js';

/** The method that a decorator was put on. */
export interface DecoratedMethod {
  readonly method: object;
  readonly key: string;
  /** Only legacy decorators are told. */
  readonly prototype: object | undefined;
}

/**
 * Finds out what a decorator was put on, from the arguments of either dialect: `(value, context)` of
 * standard decorators, `(target, key, descriptor)` of legacy ones.
 * @throws InvalidOptionError (`INVALID_OPTION`) for anything but an instance method with a plain name.
 */
export function decoratedMethod(
  decorator: string,
  [target, keyOrContext, descriptor]: readonly unknown[],
): DecoratedMethod {
  const { kind, key, method, prototype } = isContext(keyOrContext)
    ? fromStandard(target, keyOrContext)
    : fromLegacy(target, keyOrContext, descriptor);
  if (kind !== 'method' || typeof key !== 'string' || typeof method !== 'function') {
    throw new InvalidOptionError({
      option: decorator,
      expected: 'an instance method with a plain name',
      received: `the ${typeof key === 'symbol' && kind === 'method' ? 'symbol-named method' : kind} '${String(key)}'`,
    });
  }
  return { method, key, prototype };
}

interface Found {
  readonly kind: string;
  readonly key: unknown;
  readonly method: unknown;
  readonly prototype: object | undefined;
}

function fromStandard(value: unknown, context: DecoratorContext): Found {
  const { kind, name: key } = context;
  // the context of a class decorator has neither
  const modifiers = ['static', 'private'].filter(
    (modifier) => Reflect.get(context, modifier) === true,
  );
  return { kind: [...modifiers, kind].join(' '), key, method: value, prototype: undefined };
}

function fromLegacy(target: unknown, key: unknown, descriptor: unknown): Found {
  if (key === undefined)
    return { kind: 'class', key: nameOf(target), method: undefined, prototype: undefined };
  const method: unknown = isObject(descriptor) ? Reflect.get(descriptor, 'value') : undefined;
  const kind = !isObject(descriptor)
    ? 'field'
    : typeof method === 'function'
      ? 'method'
      : 'accessor';
  // the target of a static member is the class itself
  if (typeof target === 'function')
    return { kind: `static ${kind}`, key, method, prototype: undefined };
  return { kind, key, method, prototype: isObject(target) ? target : undefined };
}

function isContext(value: unknown): value is DecoratorContext {
  return isObject(value) && typeof Reflect.get(value, 'kind') === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function nameOf(value: unknown): string {
  return typeof value === 'function' ? value.name : '';
}

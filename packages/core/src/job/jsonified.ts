/**
 * What is left of a value after `JSON.parse(JSON.stringify(value))`: a `Date` becomes a string, a
 * function or a symbol disappears, a `Map` becomes `{}`, `undefined` in an array becomes null.
 * `void` becomes `undefined`, and what JSON cannot hold at all (`bigint`) becomes `never`.
 */
export type Jsonified<T> = IsAny<T> extends true ? T : JsonifiedKnown<T>;

type JsonifiedKnown<T> = unknown extends T
  ? unknown
  : T extends string | number | boolean | null
    ? T
    : T extends bigint
      ? never
      : T extends { toJSON(...args: never): infer J }
        ? Jsonified<J>
        : T extends Unstorable
          ? undefined
          : T extends readonly unknown[]
            ? { [K in keyof T]: JsonifiedItem<T[K]> }
            : T extends object
              ? JsonifiedObject<T>
              : undefined;

type Unstorable =
  | ((...args: never) => unknown)
  | (abstract new (
      ...args: never
    ) => unknown)
  | symbol;

type JsonifiedItem<T> =
  IsAny<T> extends true
    ? T
    : unknown extends T
      ? unknown
      : T extends undefined | Unstorable
        ? null
        : Jsonified<T>;

type JsonifiedObject<T> = T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
  ? Record<never, never>
  : { [K in keyof T as JsonKey<K, T[K]>]: Jsonified<T[K]> };

type JsonKey<K, V> = K extends symbol
  ? never
  : IsAny<V> extends true
    ? K
    : [V] extends [undefined | Unstorable]
      ? never
      : K;

type IsAny<T> = 0 extends 1 & T ? true : false;

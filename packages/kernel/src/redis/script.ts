/** How a value travels: an `integer` is a safe whole number, a `number` any finite one. */
export type ScriptType = 'string' | 'integer' | 'number';

/** One declared argument of a script. */
export interface ScriptArg {
  readonly name: string;
  readonly type: ScriptType;
  /** It may be left out; the script then sees nil. An empty text counts as left out. */
  readonly optional: boolean;
}

/** One declared field of a reply. */
export interface ScriptField {
  readonly name: string;
  readonly type: ScriptType;
  readonly list: boolean;
  /** It may be missing, false or empty; the caller then sees undefined. */
  readonly optional: boolean;
}

/** From line `emitted` of the sent source on, lines stand for those of `file` from `line` on; file `''` is generated code. */
export type ScriptLines = readonly [emitted: number, file: string, line: number];

/** Replies are told apart by their tag. */
export interface TaggedReply {
  readonly tag: string;
}

declare const types: unique symbol;

/** A Lua script as the generator binds it: source, checksum, and the types of what goes in and comes out. */
export interface Script<Key extends string, Args extends object, Reply extends TaggedReply> {
  readonly name: string;
  readonly source: string;
  readonly sha1: string;
  readonly keys: readonly Key[];
  readonly args: readonly ScriptArg[];
  readonly replies: Readonly<Record<string, readonly ScriptField[]>>;
  readonly lines: readonly ScriptLines[];
  /** Never set: carries the types. */
  readonly [types]?: readonly [Args, Reply];
}

/** A script of whatever types, for code that only moves it along. */
export type AnyScript = Script<string, object, TaggedReply>;

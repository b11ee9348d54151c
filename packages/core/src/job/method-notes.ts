/** A method that a decorator noted something on. */
export interface NotedMethod {
  readonly method: object;
  readonly key: string;
  /** Only legacy decorators are told. */
  readonly prototype: object | undefined;
}

// registered symbols: another copy of the package reads what this one wrote
const ON_METHOD = Symbol.for('bulletproof.notes');
const ON_PROTOTYPE = Symbol.for('bulletproof.method-notes');

type Notes = ReadonlyMap<string, unknown>;

/**
 * Notes something on a method, for decorators that stand beside `@Job`. It goes where `copyJobMetadata` takes `@Job`,
 * and under legacy decorators it is found by the method's name, too.
 */
export function writeMethodNote(noted: NotedMethod, note: string, value: unknown): void {
  const { method, key, prototype } = noted;
  write(method, new Map([...(notesOn(method) ?? []), [note, value]]));
  if (!prototype) return;
  const methods = new Map(methodsNotedOn(prototype));
  methods.set(key, new Map([...(methods.get(key) ?? []), [note, value]]));
  Object.defineProperty(prototype, ON_PROTOTYPE, { value: methods, configurable: true });
}

/** What was noted on a method by decorators that stand below. */
export function readMethodNote({ method, key, prototype }: NotedMethod, note: string): unknown {
  const own = notesOn(method)?.get(note);
  return own ?? (prototype && methodsNotedOn(prototype)?.get(key)?.get(note));
}

/** Carries what was noted on a method over to a function that replaces it. */
export function copyMethodNotes(from: object, to: object): void {
  const notes = notesOn(from);
  if (notes) write(to, notes);
}

/** What was noted on a method of an instance, by the nearest of its classes that did. */
export function methodNoteOf(instance: object, key: string, note: string): unknown {
  let owner = Object.getPrototypeOf(instance) as object | null;
  while (owner !== null && owner !== Object.prototype) {
    const method: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
    const found =
      typeof method === 'function'
        ? readMethodNote({ method, key, prototype: owner }, note)
        : undefined;
    if (found !== undefined) return found;
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return undefined;
}

function write(method: object, notes: Notes): void {
  Object.defineProperty(method, ON_METHOD, { value: notes, configurable: true });
}

function notesOn(method: object): Notes | undefined {
  return Object.getOwnPropertyDescriptor(method, ON_METHOD)?.value as Notes | undefined;
}

function methodsNotedOn(prototype: object): ReadonlyMap<string, Notes> | undefined {
  return Object.getOwnPropertyDescriptor(prototype, ON_PROTOTYPE)?.value as
    | ReadonlyMap<string, Notes>
    | undefined;
}

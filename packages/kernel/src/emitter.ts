/** A function that receives the payload of an event; what it returns is ignored, a promise's rejection is caught. */
export type Listener<Payload> = (payload: Payload) => unknown;

/** Receives what a listener threw or rejected with. */
export type ListenerErrorSink = (error: unknown, event: string) => void;

/** A typed event emitter whose listeners cannot break the one who emits. */
export class TypedEmitter<Events extends object> {
  // Arrays are replaced, never changed: an emit in progress keeps the list it began with, without a copy each time.
  readonly #listeners = new Map<string, ReadonlyArray<Listener<never>>>();
  readonly #onListenerError: ListenerErrorSink;

  /** @param onListenerError where errors of listeners go; by default they are dropped */
  constructor(onListenerError: ListenerErrorSink = () => {}) {
    this.#onListenerError = onListenerError;
  }

  /** Calls `listener` on every such event; returns a function that stops that. */
  on<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): () => void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return () => this.off(event, listener);
  }

  /** Calls `listener` on the next such event only; returns a function that stops that. */
  once<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): () => void {
    const stop = this.on(event, (payload) => {
      stop();
      return listener(payload);
    });
    return stop;
  }

  /** Removes one registration of `listener`; harmless when there is none. */
  off<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): void {
    const listeners = this.#listeners.get(event);
    const index = listeners?.indexOf(listener) ?? -1;
    if (listeners === undefined || index === -1) return;
    if (listeners.length === 1) this.#listeners.delete(event);
    else this.#listeners.set(event, listeners.toSpliced(index, 1));
  }

  /** Tells whether anyone listens, so that a costly payload need not be built for nobody. */
  has(event: keyof Events & string): boolean {
    return this.#listeners.has(event);
  }

  /** Calls the listeners in order of registration; never throws. */
  emit<E extends keyof Events & string>(event: E, payload: Events[E]): void {
    const listeners = this.#listeners.get(event) as ReadonlyArray<Listener<Events[E]>> | undefined;
    if (listeners === undefined) return;
    for (const listener of listeners) this.#call(event, listener, payload);
  }

  #call<Payload>(event: string, listener: Listener<Payload>, payload: Payload): void {
    try {
      const returned = listener(payload);
      if (isThenable(returned)) {
        returned.then(undefined, (error: unknown) => this.#report(error, event));
      }
    } catch (error) {
      this.#report(error, event);
    }
  }

  #report(error: unknown, event: string): void {
    try {
      this.#onListenerError(error, event);
    } catch {
      // The sink is the last resort: there is nobody left to tell.
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

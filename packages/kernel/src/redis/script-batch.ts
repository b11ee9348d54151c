import type { RedisPort } from './port.js';
import type { AnyScript, TaggedReply } from './script.js';
import { isFromScript, ScriptError, scriptErrorFrom } from './script-error.js';
import { readReply, writeArgs, writeKeys } from './wire.js';

/** Someone who waits for the reply of one call. */
export interface ScriptWaiter {
  resolve(reply: TaggedReply): void;
  reject(error: unknown): void;
}

/** What one call of a script is given. */
export interface AnyScriptCall {
  readonly keys: Readonly<Record<string, string>>;
  readonly args: object;
}

/** Calls of one script that travel together. */
export class ScriptBatch {
  readonly #script: AnyScript;
  readonly #keys: string[] = [];
  readonly #args: string[] = [];
  readonly #waiters: ScriptWaiter[] = [];
  #characters = 0;

  constructor(script: AnyScript) {
    this.#script = script;
  }

  /** How many calls it holds. */
  get size(): number {
    return this.#waiters.length;
  }

  /** How much text the arguments of its calls are. */
  get characters(): number {
    return this.#characters;
  }

  /** Adds a call; one that does not fit the script's declaration is rejected at once and adds nothing. */
  add(call: AnyScriptCall, waiter: ScriptWaiter): void {
    const keys = this.#keys.length;
    const args = this.#args.length;
    try {
      writeKeys(this.#script, call.keys, this.#keys);
      writeArgs(this.#script, call.args, this.#args);
    } catch (error) {
      // Half a call would shift the values of those that follow.
      this.#keys.length = keys;
      this.#args.length = args;
      waiter.reject(error);
      return;
    }
    for (let index = args; index < this.#args.length; index += 1) {
      this.#characters += this.#args[index]?.length ?? 0;
    }
    this.#waiters.push(waiter);
  }

  /** Sends all calls as one command and settles every waiter; never rejects. */
  async send(redis: RedisPort): Promise<void> {
    let replies: unknown;
    try {
      replies = await this.#evaluate(redis);
    } catch (error) {
      this.#rejectAll(isFromScript(error) ? scriptErrorFrom(this.#script, error.message) : error);
      return;
    }
    if (!Array.isArray(replies) || replies.length !== this.#waiters.length) {
      const reason = 'the batch was not answered call by call';
      this.#rejectAll(new ScriptError(this.#script.name, { reason }));
      return;
    }
    for (let index = 0; index < replies.length; index += 1) this.#settle(index, replies[index]);
  }

  async #evaluate(redis: RedisPort): Promise<unknown> {
    try {
      return await redis.evalsha(this.#script.sha1, this.#keys, this.#args);
    } catch (error) {
      // The server was restarted, flushed its scripts, or is a node that has not seen this one yet. Nothing ran.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(this.#script.source, this.#keys, this.#args);
    }
  }

  #settle(index: number, reply: unknown): void {
    const waiter = this.#waiters[index];
    try {
      waiter?.resolve(readReply(this.#script, reply));
    } catch (error) {
      waiter?.reject(error);
    }
  }

  #rejectAll(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}

import { checkOptions } from '../options.js';
import { defaulted, integer } from '../rules.js';
import type { RedisPort } from './port.js';
import type { Script, TaggedReply } from './script.js';
import { ScriptBatch } from './script-batch.js';
import { ScriptError } from './script-error.js';

/** Options of {@link ScriptRunner}. */
export interface ScriptRunnerOptions {
  /** Most calls that travel in one command, 1 to 1,000. @default 32 */
  readonly maxBatch?: number;
}

/** What one call of a script is given. */
export interface ScriptCall<Key extends string, Args extends object> {
  readonly keys: Readonly<Record<Key, string>>;
  readonly args: Args;
}

// Redis serves nobody else while it reads and runs a command, so large arguments do not wait for company.
const MAX_BATCH_CHARACTERS = 2 ** 20;

// By 32 a command's own cost is spread thin; more at once would leave Redis idle while this process works, and the other way round.
const RULES = { maxBatch: defaulted(integer({ min: 1, max: 1_000 }), 32) };

/**
 * Runs scripts; calls of one script made in the same turn of the event loop become one command (on Cluster, those of one hash tag).
 * Calls of one script keep their order; calls of different scripts in one turn may not, so await what must come first.
 */
export class ScriptRunner {
  readonly #redis: RedisPort;
  readonly #maxBatch: number;
  readonly #batches = new Map<string, ScriptBatch>();
  #scheduled = false;
  #underWay = 0;
  readonly #flush = (): void => {
    this.#scheduled = false;
    const batches = [...this.#batches.values()];
    this.#batches.clear();
    for (const batch of batches) this.#send(batch);
  };

  /** @throws InvalidOptionError `INVALID_OPTION` */
  constructor(redis: RedisPort, options: ScriptRunnerOptions = {}) {
    this.#redis = redis;
    this.#maxBatch = checkOptions('ScriptRunner', options, RULES).maxBatch;
  }

  /**
   * Runs a script once with these keys and arguments and resolves with its tagged reply. The failure of one call does not touch the
   * others in its batch; what a failing call has written before it failed stays written.
   * @throws ScriptError `SCRIPT_FAILED` when the call failed in Lua, or call or reply do not fit the declaration
   * @throws the client's own error when the command did not get through; whether it ran is then unknown
   */
  run<Key extends string, Args extends object, Reply extends TaggedReply>(
    script: Script<Key, Args, Reply>,
    call: ScriptCall<Key, NoInfer<Args>>,
  ): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      const place = this.#redis.isCluster
        ? script.sha1 + sharedTag(script, call.keys)
        : script.sha1;
      let batch = this.#batches.get(place);
      if (batch === undefined) {
        batch = new ScriptBatch(script);
        this.#batches.set(place, batch);
      }
      // The generated declaration is what ties a script to the type of its replies.
      batch.add(call, { resolve: resolve as (reply: TaggedReply) => void, reject });
      if (batch.size >= this.#maxBatch || batch.characters >= MAX_BATCH_CHARACTERS) {
        this.#batches.delete(place);
        this.#send(batch);
      } else if (!this.#scheduled) {
        this.#scheduled = true;
        // A lone call has nobody to wait for; while Redis is at work anyway, company is worth the rest of the turn.
        if (this.#underWay === 0) process.nextTick(this.#flush);
        else setImmediate(this.#flush);
      }
    });
  }

  #send(batch: ScriptBatch): void {
    this.#underWay += 1;
    void batch.send(this.#redis).finally(() => {
      this.#underWay -= 1;
    });
  }
}

// One call over two slots would be refused together with its neighbours.
function sharedTag<Key extends string>(
  script: { readonly name: string; readonly keys: readonly Key[] },
  keys: Readonly<Record<Key, string>>,
): string {
  let shared: string | undefined;
  for (const name of script.keys) {
    // A missing key is refused later, with its name.
    const tag = hashTag(keys[name] ?? '');
    shared ??= tag;
    if (tag !== shared) {
      throw new ScriptError(script.name, { reason: `keys of two hash tags, ${shared} and ${tag}` });
    }
  }
  return shared ?? '';
}

function hashTag(key: string): string {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : key;
}

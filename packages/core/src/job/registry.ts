import { describeValue } from '@bulletproof/kernel';
import { type Call, callFacts } from './call.js';
import { handlerOf } from './define.js';
import type { JobDefinition, JobHandler } from './definition.js';
import { DuplicateJobError, NoHandlerError, NotAJobError, UnknownJobError } from './errors.js';
import { definitionsOfInstance } from './jobs-of.js';
import { type AnyJobReference, referredBy } from './reference.js';
import { type AppOptions, type ResolvedJobOptions, resolveJobOptions } from './resolve.js';

/** What an app takes for running: an instance that owns `@Job` methods, or a reference that has a handler. */
export type Registrable = object | AnyJobReference;

/** A job and its options in one app: enough to enqueue it. */
export interface KnownJob {
  readonly definition: JobDefinition;
  readonly resolved: ResolvedJobOptions;
}

/** A job that this app can run. */
export interface RegisteredJob extends KnownJob {
  readonly handler: JobHandler;
}

/** The jobs of one app. */
export class JobRegistry {
  readonly #app: AppOptions;
  readonly #items = new Set<Registrable>();
  #jobs: ReadonlyMap<string, RegisteredJob> = new Map();
  readonly #known = new WeakMap<JobDefinition, KnownJob>();

  constructor(app: AppOptions) {
    this.#app = app;
  }

  /**
   * Takes jobs for running: all of them or, when one is refused, none. Taking an item again changes nothing.
   * @throws NotAJobError (`NOT_A_JOB`), NoHandlerError (`NO_HANDLER`), DuplicateJobError (`DUPLICATE_JOB`),
   * UnknownQueueError (`UNKNOWN_QUEUE`), InvalidOptionError (`INVALID_OPTION`)
   */
  register(...items: readonly Registrable[]): void {
    const jobs = new Map(this.#jobs);
    const added = new Set(items.filter((item) => !this.#items.has(item)));
    for (const job of [...added].flatMap((item) => this.#jobsIn(item))) {
      const { name } = job.definition;
      if (jobs.has(name)) throw new DuplicateJobError(name);
      jobs.set(name, job);
    }
    this.#jobs = jobs;
    for (const item of added) this.#items.add(item);
  }

  /** The job of that name, when this app can run it. */
  get(name: string): RegisteredJob | undefined {
    return this.#jobs.get(name);
  }

  /** All jobs that this app can run. */
  all(): readonly RegisteredJob[] {
    return [...this.#jobs.values()];
  }

  /**
   * The job of a call, to enqueue it: as registered, else as its reference defines it.
   * @throws UnknownJobError (`UNKNOWN_JOB`) for a call from plain data whose job is not registered.
   * @throws DuplicateJobError (`DUPLICATE_JOB`) when the call's reference is to another job of that name.
   * @throws UnknownQueueError (`UNKNOWN_QUEUE`) when its job names a queue that the app does not have.
   */
  resolve(call: Call): KnownJob {
    const { definition } = callFacts(call);
    const registered = this.#jobs.get(call.job);
    if (!definition) {
      if (registered) return registered;
      throw new UnknownJobError(call.job);
    }
    if (!registered) return this.#know(definition);
    if (contractOf(registered.definition) !== contractOf(definition)) {
      throw new DuplicateJobError(call.job);
    }
    return registered;
  }

  #jobsIn(item: Registrable): readonly RegisteredJob[] {
    const definition = referredBy(item);
    return definition ? [this.#withHandler(definition)] : this.#jobsOfInstance(item);
  }

  #withHandler(definition: JobDefinition): RegisteredJob {
    const { name, owner } = definition;
    if (owner) throw new NoHandlerError(name, `register an instance of ${owner.className}`);
    const handler = handlerOf(definition);
    if (!handler) throw new NoHandlerError(name, 'call implement() before register()');
    return Object.freeze({ ...this.#know(definition), handler });
  }

  #jobsOfInstance(instance: object): readonly RegisteredJob[] {
    const definitions =
      typeof instance === 'object' && instance !== null
        ? definitionsOfInstance(instance)
        : undefined;
    if (!definitions?.size) throw new NotAJobError(describeValue(instance), REGISTRABLE);
    return [...definitions].map(([key, definition]) =>
      Object.freeze({ ...this.#know(definition), handler: methodOf(instance, key) }),
    );
  }

  #know(definition: JobDefinition): KnownJob {
    const known = this.#known.get(definition);
    if (known) return known;
    const resolved = resolveJobOptions(definition, this.#app);
    const job = Object.freeze({ definition, resolved });
    this.#known.set(definition, job);
    return job;
  }
}

const REGISTRABLE =
  'register instances of classes whose methods have @Job(), and references from defineJob';

// looked up at each run: a spy or a proxy put on the instance later is called
function methodOf(instance: object, key: string): JobHandler {
  return (input, job) =>
    Reflect.apply(Reflect.get(instance, key) as JobHandler, instance, [input, job]);
}

// a method's definition and its contract's are the same job
function contractOf(definition: JobDefinition): JobDefinition {
  return definition.contract ?? definition;
}

import { randomUUID } from 'node:crypto';
import { type Clock, refuseOption } from '@bulletproof/kernel';
import type { Call } from '../../job/call.js';
import {
  callFacts,
  createCall,
  handlerOf,
  type JobRegistry,
  parseCall,
} from '../../job/internal.js';
import type { ScheduleInfo } from '../../schedule/book.js';
import { DuplicateScheduleError, UnregisteredJobError } from '../../schedule/errors.js';
import {
  resolveSchedule,
  ScheduleBook,
  type ScheduleRecord,
  type ScheduleStore,
} from '../../schedule/internal.js';
import type { ResolvedSchedule, ScheduleOptions } from '../../schedule/options.js';
import type { Bounded } from '../bounded.js';
import type { CallHandle } from '../handle.js';
import { type PrepareParts, prepare } from '../prepare.js';
import type { Enqueued, Producer } from '../producer.js';
import { checkScheduleName, type Declarations } from './declarations.js';
import { type CallTemplate, preparedOf, templateOf } from './template.js';

/** What the schedules of an app work with. */
export interface SchedulesParts {
  readonly prepare: PrepareParts;
  readonly registry: JobRegistry;
  readonly declarations: Declarations;
  readonly store: ScheduleStore;
  readonly producer: Producer;
  readonly bounded: Bounded;
  readonly clock: Clock;
  readonly handleOf: (enqueued: Enqueued) => CallHandle;
  /** Tells the workers that something changed. */
  readonly announce: () => void;
}

/** Options of a call that say when or what for, which is the schedule's to say. */
const NOT_OF_A_SCHEDULE = ['id', 'idempotencyKey', 'delay', 'at'] as const;

/** The app's schedules, for operators. */
export class Schedules {
  readonly #parts: SchedulesParts;
  readonly #book: ScheduleBook;

  constructor(parts: SchedulesParts) {
    this.#parts = parts;
    this.#book = new ScheduleBook(parts.store);
  }

  /** All schedules, by name. */
  list(): Promise<ScheduleInfo[]> {
    return this.#parts.bounded.run(() => this.#book.list());
  }

  /**
   * The next ticks of a schedule; none while it is paused, and of `after` no more than one.
   * @throws UnknownScheduleError (`UNKNOWN_SCHEDULE`)
   * @throws InvalidOptionError (`INVALID_OPTION`) for no count from 1 to 10,000
   */
  async next(name: string, count = 1): Promise<Date[]> {
    const ticks = await this.#parts.bounded.run(() => this.#book.next(name, count));
    return ticks.map((tick) => new Date(tick));
  }

  /**
   * Stops a schedule; ticks until it is resumed are not made up for, what runs goes on.
   * @throws UnknownScheduleError (`UNKNOWN_SCHEDULE`)
   */
  async pause(name: string): Promise<void> {
    await this.#parts.bounded.run(() => this.#book.pause(name));
  }

  /**
   * Ends a pause.
   * @throws UnknownScheduleError (`UNKNOWN_SCHEDULE`)
   */
  async resume(name: string): Promise<void> {
    await this.#parts.bounded.run(() => this.#book.resume(name));
    this.#parts.announce();
  }

  /**
   * Enqueues a run now, beside the schedule: its ticks, and what it does when runs overlap, are as before.
   * @throws UnknownScheduleError (`UNKNOWN_SCHEDULE`)
   */
  async trigger(name: string): Promise<CallHandle> {
    const { bounded, producer, clock, handleOf } = this.#parts;
    const { template } = await bounded.run(() => this.#book.record(name));
    const key = `${name}!${randomUUID()}`;
    const prepared = preparedOf(template as CallTemplate, { key, nowMs: clock.nowMs() });
    return handleOf(await producer.enqueuePrepared(prepared));
  }

  /** Forgets a schedule; what was enqueued runs. False when there was none. One of `@Schedule` comes back with the next worker. */
  async remove(name: string): Promise<boolean> {
    return this.#parts.bounded.run(() => this.#book.remove(name));
  }

  /** Adds or changes a schedule of `app.schedule`. */
  async add(name: string, options: ScheduleOptions, given: Call): Promise<void> {
    const { declarations, bounded, announce } = this.#parts;
    checkScheduleName(name);
    const schedule = resolveSchedule(`schedule ${name}`, options);
    const call = parseCall(given);
    this.#assertRegistered(name, call);
    if (declarations.has(name)) throw new DuplicateScheduleError(name);
    for (const option of NOT_OF_A_SCHEDULE) {
      const value = call.options?.[option];
      if (value !== undefined) {
        refuseOption(
          `schedule ${name} call.${option}`,
          'none: each tick is a call of its own',
          value,
        );
      }
    }
    const record = await this.#record(schedule, call, false);
    await bounded.run(() => this.#book.declare(name, record));
    announce();
  }

  /**
   * Brings what is kept in line with what the app declares: new schedules are added, changed ones changed; those of its
   * own jobs that it does not declare any more are removed.
   */
  async reconcile(store: ScheduleStore): Promise<void> {
    const { declarations, registry } = this.#parts;
    const book = new ScheduleBook(store);
    const declared = declarations.all();
    for (const { name, schedule, call } of declared) {
      await book.declare(name, await this.#record(schedule, call, true));
    }
    const jobs = new Set(registry.all().map(({ definition }) => definition.name));
    await book.retire(jobs, new Set(declared.map(({ name }) => name)));
  }

  async #record(
    schedule: ResolvedSchedule,
    call: Call,
    isDeclared: boolean,
  ): Promise<ScheduleRecord> {
    const template = templateOf(await prepare(this.#parts.prepare, keyed(call)));
    return { job: template.job, queue: template.queue, isDeclared, schedule, template };
  }

  /** A contract's handler is declared elsewhere; whoever has the handler here has forgotten to register it. */
  #assertRegistered(name: string, call: Call): void {
    if (this.#parts.registry.get(call.job)) return;
    const { definition } = callFacts(call);
    const isContract = definition && !definition.owner && !handlerOf(definition);
    if (!isContract) throw new UnregisteredJobError(name, call.job);
  }
}

/** The job's own function makes no key: the key of a tick is its time. */
function keyed(call: Call): Call {
  const { definition } = callFacts(call);
  const options = { ...call.options, idempotencyKey: 'schedule' };
  return definition ? createCall(definition, call.input, options) : parseCall({ ...call, options });
}

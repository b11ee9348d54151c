import { refuseOption } from '@bulletproof/kernel';
import type { Call } from '../../job/call.js';
import { NotAJobError } from '../../job/errors.js';
import {
  createCall,
  definitionsOfInstance,
  type JobDefinition,
  methodNamesOf,
  methodNoteOf,
  referredBy,
} from '../../job/internal.js';
import type { Registrable } from '../../job/registry.js';
import { DuplicateScheduleError } from '../../schedule/errors.js';
import { SCHEDULES, type ScheduleNote } from '../../schedule/internal.js';
import type { ResolvedSchedule } from '../../schedule/options.js';

/** Names of schedules are at most this long: with the time of a tick behind it, one is an idempotency key. */
const MAX_NAME_LENGTH = 200;

/** A schedule of `@Schedule` in an app. */
export interface DeclaredSchedule {
  readonly name: string;
  readonly schedule: ResolvedSchedule;
  readonly call: Call;
}

/** The schedules that stand on the methods of what was registered. */
export class Declarations {
  #schedules: ReadonlyMap<string, DeclaredSchedule> = new Map();
  readonly #items = new Set<Registrable>();

  /**
   * Takes the schedules of these items, once `register` has taken their jobs; all or none.
   * @throws DuplicateScheduleError (`DUPLICATE_SCHEDULE`), NotAJobError (`NOT_A_JOB`) for a schedule on a method that is no job
   */
  take(items: readonly Registrable[], register: () => void): void {
    const schedules = new Map(this.#schedules);
    const added = new Set(items.filter((item) => !this.#items.has(item)));
    for (const declared of [...added].flatMap(schedulesOn)) {
      if (schedules.has(declared.name)) throw new DuplicateScheduleError(declared.name);
      schedules.set(declared.name, declared);
    }
    register();
    this.#schedules = schedules;
    for (const item of added) this.#items.add(item);
  }

  has(name: string): boolean {
    return this.#schedules.has(name);
  }

  all(): readonly DeclaredSchedule[] {
    return [...this.#schedules.values()];
  }
}

/**
 * Checks the name of a schedule.
 * @throws InvalidOptionError `INVALID_OPTION`
 */
export function checkScheduleName(name: string): string {
  const isText = typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME_LENGTH;
  if (isText && !/[\p{Cc}\p{Cs}]/u.test(name)) return name;
  return refuseOption(
    'schedule name',
    `text of 1 to ${MAX_NAME_LENGTH} characters without control characters`,
    name,
  );
}

function schedulesOn(item: Registrable): readonly DeclaredSchedule[] {
  // What is no instance is refused by the registry.
  if (typeof item !== 'object' || item === null || referredBy(item)) return [];
  const prototype = Object.getPrototypeOf(item) as object | null;
  if (prototype === null) return [];
  const jobs = definitionsOfInstance(item);
  return [...methodNamesOf(prototype)].flatMap((key) => {
    const notes = methodNoteOf(item, key, SCHEDULES) as readonly ScheduleNote[] | undefined;
    return (notes ?? []).map((note) => declaredBy(item, { key, note, job: jobs.get(key) }));
  });
}

function declaredBy(
  item: object,
  { key, note, job }: { key: string; note: ScheduleNote; job: JobDefinition | undefined },
): DeclaredSchedule {
  if (!job) {
    const target = `${item.constructor.name}.${key}`;
    throw new NotAJobError(target, 'put @Job() on the method beside @Schedule');
  }
  const name = checkScheduleName(note.name ?? job.name);
  return { name, schedule: note.schedule, call: createCall(job, note.input) };
}

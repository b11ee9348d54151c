import { decoratedMethod, readMethodNote, writeMethodNote } from '../job/internal.js';
import { DuplicateScheduleError } from './errors.js';
import {
  type DeclaredScheduleOptions,
  type ResolvedSchedule,
  resolveDeclaredSchedule,
} from './options.js';

/** What `@Schedule` leaves on a method. */
export interface ScheduleNote {
  /** Undefined: the job's name. */
  readonly name: string | undefined;
  readonly input: unknown;
  readonly schedule: ResolvedSchedule;
}

/** `@Schedule(options)`: any method that is a job. First the standard form, then the legacy one. */
export interface ScheduleDecorator {
  (method: (...args: never) => unknown, context: ClassMethodDecoratorContext): void;
  (prototype: object, key: string, descriptor: { value?: (...args: never) => unknown }): void;
}

/** The name under which jobs keep it. */
export const SCHEDULES = 'schedules';

/**
 * Calls a job by the clock. It stands beside `@Job` on a method, above or below it, in both dialects of decorators, and
 * only records metadata: a worker adds the schedule when it starts. Several on one method need names of their own.
 * @throws InvalidOptionError (`INVALID_OPTION`) for a bad option, and on anything but an instance method.
 * @throws DuplicateScheduleError (`DUPLICATE_SCHEDULE`) for two schedules of one name on a method.
 */
export function Schedule(options: DeclaredScheduleOptions): ScheduleDecorator {
  const note: ScheduleNote = Object.freeze(resolveDeclaredSchedule('@Schedule', options));
  return (...decorated: readonly unknown[]): void => {
    const noted = decoratedMethod('@Schedule', decorated);
    const notes = (readMethodNote(noted, SCHEDULES) as readonly ScheduleNote[] | undefined) ?? [];
    if (notes.some(({ name }) => name === note.name)) {
      throw new DuplicateScheduleError(note.name ?? noted.key);
    }
    writeMethodNote(noted, SCHEDULES, Object.freeze([...notes, note]));
  };
}

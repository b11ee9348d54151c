/** What every event of a schedule carries. */
export interface ScheduleEvent {
  /** The schedule's name. */
  readonly schedule: string;
  /** The name of the job that it calls. */
  readonly job: string;
}

/** A tick was enqueued. */
export interface ScheduleTickedEvent extends ScheduleEvent {
  /** The time of the tick, epoch ms. */
  readonly tick: number;
  /** The id of the call. */
  readonly id: string;
  /** How long after its time it was enqueued. */
  readonly lateMs: number;
}

/** A tick was enqueued later than the schedule's `lateAfter`. */
export interface ScheduleLateEvent extends ScheduleEvent {
  /** The time of the tick, epoch ms. */
  readonly tick: number;
  readonly lateMs: number;
}

/** Ticks were dropped: nothing runs for them. */
export interface ScheduleSkippedEvent extends ScheduleEvent {
  /**
   * `misfire`: nobody was there at their time. `overlap`: the run before was still going. `backlog`: more ticks waited
   * for it than are kept.
   */
  readonly reason: 'misfire' | 'overlap' | 'backlog';
  /** Time of the first one, epoch ms. */
  readonly firstTick: number;
  /** Time of the last one, epoch ms. */
  readonly lastTick: number;
  /** How many; counted up to 1,000. */
  readonly ticks: number;
}

/** Events of schedules by name; local to the worker that served the tick, and at most once. */
export interface ScheduleEvents {
  /** A tick was enqueued. */
  'schedule.ticked': ScheduleTickedEvent;
  /** A tick was enqueued later than the schedule's `lateAfter`. */
  'schedule.late': ScheduleLateEvent;
  /** Ticks were dropped: nothing runs for them. */
  'schedule.skipped': ScheduleSkippedEvent;
}

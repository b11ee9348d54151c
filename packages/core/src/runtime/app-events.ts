import type { FlowEvents } from '../flow/events.js';
import type { JobEvents } from '../job/events.js';
import type { ScheduleEvents } from '../schedule/events.js';

/** Events of an app by name; local to the process and at most once. */
export interface AppEvents extends JobEvents, ScheduleEvents, FlowEvents {}

// What only the runtime uses; none of it leaves the package.
export { ScheduleBook } from './book.js';
export { SCHEDULES, type ScheduleNote } from './decorator.js';
export { resolveSchedule } from './options.js';
export type { ScheduleRecord } from './record.js';
export { Service, type Tick, type TickPort } from './serve.js';
export type { ScheduleStore } from './store.js';
export { RedisScheduleStore } from './stores/redis.js';
export { Timekeeper } from './timekeeper.js';

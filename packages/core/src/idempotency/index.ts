// What leaves this folder; the runtime also takes the two stores.
export type { OpenRecord, RecordAddress, RecordState, RecordStore, RunRef } from './store.js';
export { MemoryRecordStore } from './stores/memory.js';
export { RedisRecordStore } from './stores/redis.js';

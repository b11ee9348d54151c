export {
  BulletproofImportedTwiceError,
  JobsProvidedTwiceError,
  RequestScopedJobError,
  UnknownProviderError,
} from './errors.js';
export { type BulletproofHealth, BulletproofHealthIndicator } from './health.js';
export { InjectBulletproof } from './inject.js';
export type { WorkerState } from './lifecycle.js';
export { BulletproofModule } from './module.js';
export type { BulletproofModuleAsyncOptions, BulletproofModuleOptions } from './options.js';

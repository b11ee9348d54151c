export { JobsProvidedTwiceError, RequestScopedJobError } from './errors.js';
export { InjectBulletproof } from './inject.js';
export { BulletproofModule } from './module.js';
export type { BulletproofModuleAsyncOptions, BulletproofModuleOptions } from './options.js';

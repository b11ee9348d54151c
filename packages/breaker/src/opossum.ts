// @ts-expect-error: opossum ships no types, and those of others are stale; ours are complete
import opossum from 'opossum';
import type { OpossumConstructor } from './opossum-types.js';

/** opossum's class; the only place that imports it. */
export const OpossumBreaker: OpossumConstructor = opossum as OpossumConstructor;

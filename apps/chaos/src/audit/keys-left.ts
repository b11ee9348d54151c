import { leftoverKeys } from '@bulletproof/test-kit';
import type { Stage } from '../conductor/stage.js';

/** BullMQ trims its own keys when jobs end; ours, with the hash tag of a record, must end by themselves. */
const NOT_OURS = /^(?!.*:\{r\d\d\})/;

/** Keys of ours that would stay for ever. */
export function ownKeysWithoutEnd(stage: Stage, prefix = stage.prefix): Promise<string[]> {
  return leftoverKeys(stage.redis, prefix, { allow: [NOT_OURS] });
}

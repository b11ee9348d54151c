import type { OpenRecord, RecordStore } from '../../../src/idempotency/store.js';
import { type Operation, op } from './operation.js';
import type { Owned } from './ownership.js';

/**
 * A survey of all that was admitted until a moment. Its reply tells what both stores must list: every open recorded call, and of the
 * anonymous ones those that were revived. Redis may list others of these as long as an index names them; whoever asks for their
 * redelivery is refused.
 */
export function survey(beforeMs: number, places: readonly Owned[]): Operation {
  return op('survey', { beforeMs }, async (store) => {
    const listed = new Map<string, OpenRecord>();
    for await (const part of store.survey(beforeMs)) {
      for (const record of part) {
        if (await isExpected(store, record, places)) listed.set(placeOf(record), record);
      }
    }
    const records = [...listed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
    return { tag: records.length > 0 ? 'some' : 'none', records };
  });
}

async function isExpected(
  store: RecordStore,
  { address, id }: OpenRecord,
  places: readonly Owned[],
): Promise<boolean> {
  const isRecorded = places.some((place) => place.recorded && place.address.name === address.name);
  if (isRecorded) return true;
  const found = await store.inspect(address, id);
  return found.tag === 'found' && found.envelope !== undefined;
}

function placeOf({ address }: OpenRecord): string {
  return `${address.kind} ${address.name}`;
}

import { PayloadTooLargeError } from '@bulletproof/kernel';
import { ResultNotStorableError } from '../job/run-errors.js';

/**
 * A result as the JSON that is kept of it, by the rules of `JSON.stringify`; undefined for undefined.
 * @throws ResultNotStorableError (`RESULT_NOT_STORABLE`) for what has no JSON, and beyond `maxBytes`.
 */
export function storableJson(
  value: unknown,
  where: { readonly job: string; readonly step?: string; readonly maxBytes: number },
): string | undefined {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw new ResultNotStorableError(where.job, where.step, { cause });
  }
  // Three bytes are the most that one UTF-16 unit takes in UTF-8: the exact count is only made near the limit.
  if (json !== undefined && json.length * 3 > where.maxBytes) {
    const bytes = Buffer.byteLength(json);
    if (bytes > where.maxBytes) {
      const cause = new PayloadTooLargeError(where.step ?? where.job, bytes, where.maxBytes);
      throw new ResultNotStorableError(where.job, where.step, { cause });
    }
  }
  return json;
}

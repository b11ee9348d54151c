import { PayloadTooLargeError } from '@bulletproof/kernel';
import { type Call, callFacts, parseCall } from './call.js';
import { validateInput } from './validate.js';

/** The limit of an app that says nothing itself, bytes. */
export const MAX_PAYLOAD_BYTES = 2 ** 20;

/**
 * Checks a call as `app.enqueue` would, as far as that can be done without an app: its data, its size and, when it was
 * made by a reference, its input. For bridges that keep calls for later.
 * @param maxPayloadBytes largest JSON of the input, in bytes; default 1 MiB
 * @throws InvalidOptionError, NotJsonError, PayloadTooLargeError, InvalidInputError
 */
export async function checkCall(
  call: Call,
  maxPayloadBytes: number = MAX_PAYLOAD_BYTES,
): Promise<Call> {
  const checked = parseCall(call);
  const { inputBytes, definition } = callFacts(checked);
  if (inputBytes > maxPayloadBytes) {
    throw new PayloadTooLargeError(`${checked.job} input`, inputBytes, maxPayloadBytes);
  }
  if (definition) await validateInput(definition, checked.input);
  return checked;
}

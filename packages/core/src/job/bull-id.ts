/**
 * BullMQ's id for a call's id: the same text wherever BullMQ can take it, else percent-encoded. No two
 * calls get one id, and the same call always gets the same.
 *
 * Encoded are `:` (BullMQ's separator), `~` (ours, between an id and its generation) and `%`; and the
 * first character of what BullMQ takes for a number (`42`, `NaN`) or could take for a key of its own: a job
 * lies beside the queue's `wait` and `meta`, whose names are small letters and hyphens in every version.
 */
export function callIdToBullId(id: string): string {
  const plain = id.replace(/[%:~]/g, percent);
  return /^(?:-?\d+|NaN|[a-z-]+)$/.test(plain) ? percent(plain.charAt(0)) + plain.slice(1) : plain;
}

/** The call's id that `callIdToBullId` made this of. */
export function bullIdToCallId(bullId: string): string {
  if (!bullId.includes('%')) return bullId;
  return bullId.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

// only ASCII ever comes here
function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}

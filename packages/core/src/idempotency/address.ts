import type { RecordAddress } from './store.js';

/** The address as one text: in the index of open records, and in a pointer. */
export function formatAddress({ kind, name }: RecordAddress): string {
  return `${kind}:${name}`;
}

/** The address that such a text names. */
export function parseAddress(text: string): RecordAddress {
  const colon = text.indexOf(':');
  return { kind: text.slice(0, colon) === 'key' ? 'key' : 'call', name: text.slice(colon + 1) };
}

import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** The SHA-256 of a JSON value's canonical form, in base64url (43 characters): equal for equal values, whatever the order of their keys. */
export function digest(value: unknown): string {
  return digestText(canonicalJson(value));
}

/** The SHA-256 of a text (UTF-8), in base64url (43 characters). */
export function digestText(text: string): string {
  return hash('sha256', text, 'base64url');
}

/**
 * Writes a JSON value in one fixed form (RFC 8785: keys sorted by UTF-16 units, no spaces), so that equal values give equal texts.
 * Undefined properties are skipped and `toJSON` is honoured, as by `JSON.stringify`; check the value with `assertJsonValue` first.
 * @throws TypeError when the value itself has no JSON form
 */
export function canonicalJson(value: unknown): string {
  const text = write(value);
  if (text === undefined) throw new TypeError('canonicalJson: the value has no JSON form');
  return text;
}

function write(value: unknown): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return write(toJSON.call(value, ''));
  if (Array.isArray(value)) return writeArray(value);
  return writeObject(value as Readonly<Record<string, unknown>>);
}

function writeArray(items: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ',';
    text += write(items[index]) ?? 'null';
  }
  return `${text}]`;
}

function writeObject(fields: Readonly<Record<string, unknown>>): string {
  let text = '{';
  for (const key of sortedKeys(fields)) {
    const field = write(fields[key]);
    if (field === undefined) continue;
    text += `${text === '{' ? '' : ','}${quoted(key)}:${field}`;
  }
  return `${text}}`;
}

function sortedKeys(fields: object): string[] {
  const keys = Object.keys(fields);
  // Without a comparison function the order is by UTF-16 units, as the RFC asks.
  return keys.length > 1 ? keys.sort() : keys;
}

const TO_ESCAPE = /["\\\p{Cc}\p{Surrogate}]/u;

// Most texts need no escape, and asking is cheaper than JSON.stringify.
function quoted(text: string): string {
  return TO_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

const MAX_TEXT = 60;

/** Names a value in a few words for an error message; objects are named by kind only, so that no content (or secret) leaks. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return `an array of ${value.length}`;
    const name: unknown = value.constructor?.name;
    return typeof name !== 'string' || name === '' || name === 'Object'
      ? 'an object'
      : `an instance of ${name}`;
  } catch {
    // A hostile getter or a revoked proxy must not replace the error that is being described.
    return 'an object';
  }
}

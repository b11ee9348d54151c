/** Whatever was thrown, as an error with a message. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(describe(thrown), { cause: thrown });
}

function describe(thrown: unknown): string {
  if (typeof thrown === 'string' && thrown !== '') return thrown;
  if (thrown === undefined) return 'the handler threw undefined';
  try {
    return `the handler threw ${JSON.stringify(thrown) ?? typeof thrown}`;
  } catch {
    return 'the handler threw a value that cannot be shown';
  }
}

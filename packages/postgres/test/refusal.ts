/** What an operation throws or rejects with; undefined when it does neither. */
export async function refusalOf(operation: () => unknown): Promise<unknown> {
  try {
    await operation();
  } catch (error) {
    return error;
  }
  return undefined;
}

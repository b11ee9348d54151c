/** The candidate that is fewest edits away from `text` (a third of its length at most), or undefined; for "did you mean". */
export function nearestOf(text: string, candidates: readonly string[]): string | undefined {
  const tolerated = Math.max(1, Math.floor(text.length / 3));
  let nearest: string | undefined;
  let fewest = tolerated + 1;
  for (const candidate of candidates) {
    const distance = edits(text.toLowerCase(), candidate.toLowerCase(), fewest);
    if (distance < fewest) {
      fewest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

// Levenshtein distance by rows; gives up (returning `limit`) when the lengths alone differ too much.
function edits(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (same ? 0 : 1),
        ),
      );
    }
    previous = current;
  }
  return previous[right.length] ?? limit;
}

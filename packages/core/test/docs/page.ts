import { readFileSync } from 'node:fs';

/** The text of a page, by its path under `docs/`. */
export function pageText(path: string): string {
  return readFileSync(new URL(`../../../../docs/${path}`, import.meta.url), 'utf8');
}

/** The rows below a heading up to the next one, cell by cell, without the heads of tables; code marks are taken off. */
export function tableRows(page: string, heading: string): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex(
    (line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading,
  );
  if (start === -1) throw new Error(`The page has no heading '${heading}'`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line));
  const rows = (end === -1 ? rest : rest.slice(0, end)).filter((line) => line.startsWith('|'));
  return rows
    .filter(
      (line, index) => !/^\|[-| ]+\|$/.test(line) && !/^\|[-| ]+\|$/.test(rows[index + 1] ?? ''),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** What stands between code marks in a cell. */
export function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
}

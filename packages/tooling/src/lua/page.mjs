// The documentation of the scripts, written out of their headers below what people have written.

/** @typedef {import('./header.mjs').Header} Header */

/** Where the page lies, from the workspace's folder. */
export const PAGE = 'docs/reference/scripts.md';
/** What is above is kept, what is below is written anew. */
export const MARK =
  '<!-- From here on `npm run generate` writes, out of the headers of the scripts. -->';

/**
 * The page, with its lower part as the headers are now.
 * @param {string} page the page so far
 * @param {{ folder: string, headers: Header[] }[]} folders of scripts, named from the workspace's folder
 * @returns {string}
 */
export function pageOf(page, folders) {
  const [above = ''] = page.split(MARK);
  const below = folders.flatMap(({ folder, headers }) => [
    `## ${folder}`,
    ...headers.map(sectionOf),
  ]);
  return `${[above.trimEnd(), MARK, ...below].join('\n\n')}\n`;
}

/** @param {Header} header */
function sectionOf({ name, does, keys, args, replies }) {
  const tags = replies.map(({ tag, fields }) =>
    fields.length === 0 ? tag : `${tag}(${fields.map(typed).join(', ')})`,
  );
  return [
    `### ${name}\n`,
    `${does}\n`,
    `* Keys: ${code(keys.map((key) => key.name))}`,
    `* Arguments: ${code(args.map(typed))}`,
    `* Replies: ${code(tags)}`,
  ].join('\n');
}

/** @param {{ name: string, type: string, list?: boolean, optional: boolean }} value */
function typed({ name, type, list = false, optional }) {
  return `${name}: ${type}${list ? '[]' : ''}${optional ? '?' : ''}`;
}

/** @param {string[]} texts */
function code(texts) {
  return texts.length === 0 ? 'none' : texts.map((text) => `\`${text}\``).join(', ');
}

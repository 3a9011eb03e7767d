/** In which of the formats that we know a file is, by its name, or by how it begins. */

export const formats = {
  json: 'a JSON document',
  jsonl: 'JSON lines',
  yaml: 'YAML',
  toml: 'TOML',
  sqlite: 'a SQLite database',
  text: 'text',
} as const;

export type Format = keyof typeof formats;

const byName: readonly (readonly [RegExp, Format])[] = [
  [/\.(jsonl|ndjson)$/, 'jsonl'],
  [/\.(json|jsonc|geojson|webmanifest)$/, 'json'],
  [/\.ya?ml$/, 'yaml'],
  [/\.toml$/, 'toml'],
  [/\.(db|db3|sqlite|sqlite3)$/, 'sqlite'],
  [/\.(txt|md|log|csv|tsv|conf|ini|env|json5)$/, 'text'],
];

/** How every SQLite database begins: sqlite.org/fileformat2.html, section 1.3. */
export const SQLITE_MAGIC = 'SQLite format 3\0';

/** JSON5 has more than comments, and is taken for text. */
export const formatByName = (path: string): Format | undefined =>
  byName.find(([name]) => name.test(path.toLowerCase()))?.[1];

/**
 * @param head the first bytes of it, some KiB.
 * @returns undefined where it is neither text nor a database.
 */
export function formatOf(path: string, head: Uint8Array): Format | undefined {
  const start = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('utf8');
  if (start.startsWith(SQLITE_MAGIC)) return 'sqlite';
  const named = formatByName(path);
  if (named === 'sqlite' && head.length > 0 && !head.every((byte) => byte === 0)) return 'sqlite';
  if (named !== undefined && named !== 'text') return named;
  if (isBinary(head, named !== undefined)) return undefined;
  const lines = start
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.trim() !== '');
  if (lines.length > 1 && lines.filter(isObject).length * 2 > lines.length) return 'jsonl';
  return /^\s*[{[]/.test(start) && named === undefined && looksLikeJson(start) ? 'json' : 'text';
}

const isObject = (line: string): boolean => {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
};

/** `[section]` of an ini file is none. */
const looksLikeJson = (start: string): boolean => /^\s*(\{\s*("|\})|\[\s*([[{"\]]|-?\d|true|false|null))/.test(start);

/** A byte in a hundred that no text has; where the name says text, NULs are damage. */
function isBinary(head: Uint8Array, saidToBeText: boolean): boolean {
  const odd = head.filter((byte) => (byte < 0x20 && byte !== 0 && !SPACES.has(byte)) || (byte === 0 && !saidToBeText));
  return odd.length * 100 > head.length;
}

/** Tab, newline, vertical tab, form feed, carriage return, and the escape of colours in a terminal. */
const SPACES: ReadonlySet<number> = new Set([0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);

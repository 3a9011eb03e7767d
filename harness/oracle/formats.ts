import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';

/** How a file is to be read, and what it is when it can't be: a state as a whole, or a ledger of lines. */
export interface Format {
  readonly name: string;
  readonly torn: 'TORN_STATE' | 'TORN_LINES';
  /** The parts of a text that can't be read; none where it is well. */
  readonly unreadable: (text: string) => readonly string[];
}

const whole =
  (parse: (text: string) => unknown) =>
  (text: string): readonly string[] =>
    throws(parse, text) ? [text] : [];

const json: Format = { name: 'JSON', torn: 'TORN_STATE', unreadable: whole(JSON.parse) };

const jsonLines: Format = {
  name: 'JSON lines',
  torn: 'TORN_LINES',
  unreadable: (text) => {
    const lines = text.split('\n');
    const cut = lines.pop()!; // after the last newline there is nothing
    return [...lines.filter((line) => line !== '' && throws(JSON.parse, line)), ...(cut === '' ? [] : [cut])];
  },
};

const byExtension: readonly (readonly [RegExp, Format])[] = [
  [/\.(jsonl|ndjson)$/, jsonLines],
  [/\.ya?ml$/, { name: 'YAML', torn: 'TORN_STATE', unreadable: whole(parseYaml) }],
  [/\.toml$/, { name: 'TOML', torn: 'TORN_STATE', unreadable: whole(parseToml) }],
  [
    / \(SQLite\)$/,
    { name: 'SQLite', torn: 'TORN_STATE', unreadable: (text) => (/^malformed/.test(text) ? [text] : []) },
  ],
];

/**
 * The format of a file, by its name, or because all of these contents are JSON that says more than a number; undefined where it is
 * not known, or where one of them can't be read, though nothing went wrong there.
 */
export function formatOf(path: string, contents: readonly string[]): Format | undefined {
  const named = byExtension.find(([name]) => name.test(path))?.[1];
  const structured = contents.every((text) => /^\s*[[{]/.test(text));
  const format = named ?? (path.endsWith('.json') || structured ? json : undefined);
  return format !== undefined && contents.every((text) => format.unreadable(text).length === 0) ? format : undefined;
}

function throws(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return false;
  } catch {
    return true;
  }
}

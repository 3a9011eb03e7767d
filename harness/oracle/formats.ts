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

const readYaml = (text: string): unknown => parseYaml(text, { logLevel: 'error' });

const yaml: Format = { name: 'YAML', torn: 'TORN_STATE', unreadable: whole(readYaml) };
const toml: Format = { name: 'TOML', torn: 'TORN_STATE', unreadable: whole(parseToml) };

/** Sections of keys with values. */
const ini = (key: RegExp): Format => ({
  name: 'INI',
  torn: 'TORN_STATE',
  unreadable: (text) => text.split('\n').filter((line) => !key.test(line) && !/^\s*([#;].*|\[[^\]]+\].*)?$/.test(line)),
});

const withValues = ini(/^\s*[^[\]=:\s][^[\]=]*[=:]/);
/** As git has it: a key alone is true, and a value may go on in the next line. */
const withFlags = ini(/^\s*[^[\]\s]/);

const environment: Format = {
  name: 'list of variables',
  torn: 'TORN_STATE',
  unreadable: (text) => text.split('\n').filter((line) => !/^\s*(#.*|(export\s+)?[A-Za-z_][\w.]*=.*)?$/.test(line)),
};

const byName: readonly (readonly [RegExp, Format])[] = [
  [/\.json$/, json],
  [/\.(jsonl|ndjson)$/, jsonLines],
  [/\.ya?ml$/, yaml],
  [/\.toml$/, toml],
  [/(^|\/)\.env(\.[\w.-]+)?$/, environment],
  [
    / \(SQLite\)$/,
    { name: 'SQLite', torn: 'TORN_STATE', unreadable: (text) => (/^malformed/.test(text) ? [text] : []) },
  ],
];

/** Where the name does not say it: what contents have to be like, beside being readable. The first that fits. */
const byContent: readonly { readonly format: Format; readonly fits: (contents: readonly string[]) => boolean }[] = [
  { format: json, fits: (contents) => contents.every((text) => /^\s*[[{]/.test(text)) },
  { format: jsonLines, fits: (contents) => contents.every((text) => /^\s*\{/.test(text)) },
  { format: withValues, fits: areSections },
  { format: withFlags, fits: areSections },
  { format: yaml, fits: (contents) => areDocuments(contents.map(readYaml)) },
  { format: toml, fits: (contents) => areDocuments(contents.map((text) => parseToml(text))) },
];

function areSections(contents: readonly string[]): boolean {
  return contents.every((text) => /^\s*([#;].*\n\s*)*\[[^\]]+\]\s*(\n|$)/.test(text) && !text.trim().endsWith(','));
}

/**
 * Mappings with something below a key, or with the same keys each time. Lines such as `s1: done` are mappings, too, and are a ledger:
 * what is added has a key of its own.
 */
function areDocuments(values: readonly unknown[]): boolean {
  if (!values.every(isMapping)) return false;
  const nested = values.some((value) =>
    Object.values(value).some((below) => typeof below === 'object' && below !== null),
  );
  const keys = new Set(values.map((value) => Object.keys(value).sort().join('\n')));
  return nested || (values.length > 1 && keys.size === 1);
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

/**
 * The format of a file, by its name or else by all of these contents; undefined where it is not known, or where one of them can't be
 * read, though nothing went wrong there. What is empty says nothing of its format.
 */
export function formatOf(path: string, contents: readonly string[]): Format | undefined {
  const reads = ({ unreadable }: Format): boolean => contents.every((text) => unreadable(text).length === 0);
  const named = byName.find(([name]) => name.test(path))?.[1];
  if (named !== undefined) return reads(named) ? named : undefined;
  const written = contents.filter((text) => text.trim() !== '');
  if (written.length === 0) return undefined;
  return byContent.find(
    ({ format, fits }) => written.every((text) => format.unreadable(text).length === 0) && fits(written),
  )?.format;
}

function throws(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return false;
  } catch {
    return true;
  }
}

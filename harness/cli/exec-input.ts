import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Reference } from '../config/config.ts';
import { limits } from '../limits.ts';
import type { Expect } from '../oracle/expect.ts';
import { UsageError } from './exit.ts';

/** One command for each session: as they are given, or the only one for all. */
export function linesOf(writers: number | undefined, commands: readonly string[]): readonly string[] {
  if (commands.length === 1) return Array.from({ length: writers ?? limits.writersMin }, () => commands[0]!);
  if (writers !== undefined && writers !== commands.length) {
    throw new UsageError(
      `--writers ${writers}: ${commands.length} commands are given, and each is a session; give one, or leave the flag out`,
    );
  }
  if (commands.length > limits.writersMax) {
    throw new UsageError(`${commands.length} commands: expected ${limits.writersMax} at most`);
  }
  return commands;
}

/** What is expected, as it is said on a command line. */
export const expectForms = {
  serial: 'what the commands do one after another, and nothing else (the default)',
  'counter FILE [PATH]': 'the number in FILE, or in its JSON, has grown by one for each success',
  'entries-once FILE': 'whoever succeeded has left its {uuid} in FILE, once',
  'json FILE [PATH] equals VALUE': 'a value in JSON, once all are done; PATH as in $.jobs[0].name',
  'json FILE [PATH] contains VALUE': 'a list has that element, a text that part, an object those members',
  'all-succeed': 'nobody fails because of the others; said alone, what the commands do one after another is right',
  'one-success': 'exactly one of the commands succeeds',
  exclusion: 'no two sessions are between `collide-enter` and `collide-leave`, which the commands can run, at once',
  './ORACLE.ts': 'a function of the execution, exported as default, says what is wrong',
} as const;

export interface Said {
  readonly text: string;
  readonly expect: Expect | Reference;
}

/** One more of them; the flag may be repeated. */
export const parseExpect = (text: string, before: readonly Said[] = []): readonly Said[] => [
  ...before,
  { text, expect: expectOf(text) },
];

function expectOf(text: string): Expect | Reference {
  if (text === 'serial' || text === 'all-succeed') return text;
  if (text === 'one-success') return { oneSuccess: true };
  if (text === 'exclusion') return { exclusion: true };
  const counter = /^counter (\S+)(?: (\$\S*))?$/.exec(text);
  if (counter !== null) return { counter: counter[1]!, ...(counter[2] === undefined ? {} : { path: counter[2] }) };
  const entries = /^entries-once (\S+)$/.exec(text);
  if (entries !== null) return { entriesOnce: entries[1]! };
  const json = /^json (\S+)(?: (\$.*?))? (equals|contains) (.+)$/.exec(text);
  if (json !== null) {
    const [, file, path, relation, value] = json;
    const where = { json: file!, ...(path === undefined ? {} : { path }) };
    const expected = jsonOf(text, value!);
    return relation === 'equals' ? { ...where, equals: expected } : { ...where, contains: expected };
  }
  if (/\.[cm]?[jt]s$/.test(text)) {
    if (!existsSync(text)) throw new UsageError(`--expect ${text}: there is no such file`);
    return { module: resolve(text) };
  }
  throw new UsageError(`--expect ${text}: expected ${Object.keys(expectForms).join(', or ')}`);
}

function jsonOf(text: string, value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw new UsageError(`--expect ${text}: ${value} is not JSON; a text needs its quotes: "${value}"`);
  }
}

/** A word, as a shell must be told it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** One more glob; the flag may be repeated. */
export const parseWatch = (glob: string, before: readonly string[] = []): readonly string[] => [...before, glob];

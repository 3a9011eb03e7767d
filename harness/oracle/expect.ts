/** What users say is right, as data: each form becomes an oracle. */

import { isDeepStrictEqual } from 'node:util';
import { jsonpath } from 'json-p3';
import { acknowledgedOf, type Execution, type Files, writesOf } from '../history/execution.ts';
import { allSucceed } from './contention.ts';
import { neverMoreThan } from './exclusion.ts';
import { type Finding, findingIf, named, type Oracle } from './finding.ts';
import { judgedBy, wrong as saidWrong } from './judge.ts';

/** Files are named as the sessions see them. A path into JSON is a JSONPath (RFC 9535) that finds one value; without it, all. */
export type Expect =
  /** Whatever the sessions do one after another is right, and nothing else. What holds where nothing is expected. */
  | 'serial'
  /** Nobody fails who would not fail one after another. Alone, it goes with `serial`. */
  | 'all-succeed'
  /** The number in a file, or in JSON, is what it was at first and one more for each success. */
  | { readonly counter: string; readonly path?: string; readonly from?: number }
  /** Every session that succeeded has left its own entry in a file once: its `{uuid}`, or the id of its operation. */
  | { readonly entriesOnce: string }
  /** A value in JSON, once all are done. */
  | { readonly json: string; readonly path?: string; readonly equals: unknown }
  /** A list in JSON has that element, a text that part, an object those members. */
  | { readonly json: string; readonly path?: string; readonly contains: unknown }
  /** Exactly one of the sessions succeeds, whoever it is. */
  | { readonly oneSuccess: true }
  /**
   * No two sessions are inside at once. Commands say so with `collide-enter` and `collide-leave`; functions append `+id` and `-id`
   * to the file that is named.
   */
  | { readonly exclusion: true | string }
  | Judge;

/**
 * Undefined where all is well, else what is wrong; or findings, each with its class. It may throw that as well, as assertions do. Where its
 * own JSON.parse can't read what was left, the state is torn; any other error of the language (a TypeError) is a mistake of the judge.
 */
export type Judge = (execution: Execution) => readonly Finding[] | string | undefined;

export interface Expecting {
  /** Sessions that the expectations are about: with fewer, what they leave in the end is something else. */
  readonly writers: number;
  /** What a session leaves to say that it was there, by its index. */
  readonly entryOf: (session: number) => string;
  /** Where the files that sessions name lie among those of an execution. */
  readonly prefix: string;
  /** Where those that enter and leave say so, where no file is named. */
  readonly marks: string;
  /** Files as they were at first, as sessions name them. */
  readonly before: Files;
}

/**
 * @param judge how a judge is called, where it is one.
 * @throws {Error} with a line for people, where a counter counts nothing.
 */
export function oracleOf(expect: Exclude<Expect, 'serial'>, about: Expecting, judge = 'that is expected'): Oracle {
  if (expect === 'all-succeed') return allSucceed;
  if (typeof expect === 'function') return whole(about, judgedBy(expect, judge));
  if ('counter' in expect) return counts(expect, about);
  if ('entriesOnce' in expect) return entriesOnce(expect.entriesOnce, about);
  if ('oneSuccess' in expect) return oneSuccess;
  if ('exclusion' in expect) {
    return neverMoreThan(1, expect.exclusion === true ? about.marks : about.prefix + expect.exclusion);
  }
  return whole(about, ({ final }) => {
    const value = valueIn(final, expect.json, expect.path, about.prefix);
    const holds = 'equals' in expect ? isDeepStrictEqual(value, expect.equals) : contains(value, expect.contains);
    const missed = 'equals' in expect ? `not ${shown(expect.equals)}` : `does not contain ${shown(expect.contains)}`;
    const where = `${expect.json}${expect.path === undefined ? '' : ` at ${expect.path}`}`;
    return wrong(holds ? undefined : `${where} is ${shown(value)}, and ${missed}`);
  });
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
};

const SHOWN_CHARS = 60;

const wrong = (message: string | undefined): readonly Finding[] => (message === undefined ? [] : saidWrong(message));

/** Says something only where all sessions are there. */
const whole =
  ({ writers }: Expecting, judge: Oracle): Oracle =>
  (execution) =>
    new Set(writesOf(execution).map(({ session }) => session)).size < writers ? [] : judge(execution);

function counts(
  { counter, path, from }: { readonly counter: string; readonly path?: string; readonly from?: number },
  { before, prefix }: Expecting,
): Oracle {
  const first = from ?? (before[counter] === undefined ? 0 : numberIn(before, counter, path, ''));
  return (execution) => {
    const done = acknowledgedOf(execution).length;
    const [least, most] = [first + done, first + writesOf(execution).length];
    const last = numberIn(execution.final, counter, path, prefix);
    if (last < least) {
      const message = `${counter} is ${last}: ${first} at first, and ${done} sessions were told that they had added one`;
      return [{ class: 'LAST_WRITER_WINS', count: least - last, message }];
    }
    return wrong(last > most ? `${counter} is ${last}, which is more than all have added to ${first}` : undefined);
  };
}

/** @throws {SyntaxError} where it is no number: the state can't be read. */
function numberIn(files: Files, file: string, path: string | undefined, prefix: string): number {
  const value = path === undefined ? files[prefix + file]?.trim() : valueIn(files, file, path, prefix);
  if (value === undefined || value === '' || !Number.isFinite(Number(value))) {
    throw new SyntaxError(`${file} has no number${path === undefined ? '' : ` at ${path}`}`);
  }
  return Number(value);
}

function entriesOnce(file: string, { prefix, entryOf }: Expecting): Oracle {
  return (execution) => {
    const text = execution.final[prefix + file] ?? '';
    const timesOf = (session: number): number => text.split(entryOf(session)).length - 1;
    const missing = acknowledgedOf(execution).filter(({ session }) => timesOf(session) === 0);
    const twice = writesOf(execution).filter(({ session }) => timesOf(session) > 1);
    return [
      ...findingIf(
        'LAST_WRITER_WINS',
        missing,
        () => `${file} has no entry of ${named(missing)}, told that it is there`,
      ),
      ...findingIf('DUPLICATE_ENTRY', twice, () => `${file} has the entry of ${named(twice)} more than once`),
    ];
  };
}

const oneSuccess: Oracle = (execution) => {
  const winners = acknowledgedOf(execution);
  if (winners.length > 1) {
    const message = `${named(winners)} all succeeded, and only one may`;
    return [{ class: 'DOUBLE_CONSUME', count: winners.length - 1, message }];
  }
  return wrong(winners.length === 1 ? undefined : 'nobody succeeded, and one should have');
};

/** @throws {SyntaxError} where it is not JSON: the state can't be read. */
function valueIn(files: Files, file: string, path: string | undefined, prefix: string): unknown {
  const text = files[prefix + file];
  if (text === undefined) return undefined;
  const value = JSON.parse(text) as Parameters<typeof jsonpath.query>[1];
  return path === undefined ? value : jsonpath.query(path, value).values()[0];
}

function contains(value: unknown, part: unknown): boolean {
  if (typeof value === 'string') return typeof part === 'string' && value.includes(part);
  if (Array.isArray(value)) return value.some((element) => isDeepStrictEqual(element, part));
  if (typeof value !== 'object' || value === null || typeof part !== 'object' || part === null)
    return isDeepStrictEqual(value, part);
  return Object.entries(part).every(([key, own]) => isDeepStrictEqual((value as Record<string, unknown>)[key], own));
}

/** Ledgers of before: this format, and the one without a header that came before it. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Scenario } from '../scenario/scenario.ts';
import type { LedgerEntry } from './ledger.ts';
import { digest, type LastLedger, LEDGER_FORMAT, type LedgerHeader, lastFrom, lastOf } from './ledger-file.ts';
import { pastOf } from './ledger-history.ts';
import { entrySchema, headerSchema } from './ledger-schema.ts';
import { restsOnIn } from './ledger-strength.ts';
import { readResults } from './results.ts';

/**
 * What a ledger, or the results of a run, leave to the next one.
 *
 * @throws {Error} with a line for people where the file is missing, or neither.
 */
export function readLast(path: string, catalogue: readonly Scenario[]): LastLedger {
  const text = textOf(path);
  return isResults(text) ? lastFrom(catalogue, readResults(path)) : parseLedger(text, path);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${path} can't be read (${(error as Error).message}): name a ledger (.jsonl) or results (.json)`);
  }
}

/** Results are one value over many lines, or one of another format on one. */
function isResults(text: string): boolean {
  try {
    const { format } = JSON.parse(text) as { readonly format?: unknown };
    return typeof format === 'string' && format.startsWith('collide-results-');
  } catch {
    return false;
  }
}

/** @throws {Error} with a line for people that names the file and the line. */
export function parseLedger(text: string, path: string): LastLedger {
  const [first, ...rest] = text
    .split('\n')
    .map((line, at) => ({ line, at: `${path}:${at + 1}` }))
    .filter(({ line }) => line !== '')
    .map(({ line, at }) => ({ value: valueIn(line, at), at }));
  if (first === undefined) throw new Error(`${path} is empty: ${remedy}`);
  const { format } = first.value as { readonly format?: unknown };
  if (format === undefined) return olderLedger([first, ...rest], text);
  if (format !== LEDGER_FORMAT) {
    throw new Error(`${path} has format ${JSON.stringify(format)}, expected '${LEDGER_FORMAT}': ${remedy}`);
  }
  const header = checked(headerSchema, first) as LedgerHeader;
  return lastOf({ header, entries: rest.map((each) => checked(entrySchema, each) as LedgerEntry) });
}

interface Line {
  readonly value: object;
  /** Where it stands: `COLLISION-LEDGER.jsonl:3`. */
  readonly at: string;
}

const remedy = 'restore it, or move it away to begin a new history';

function valueIn(line: string, at: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // said below
  }
  throw new Error(`${at} is no line of a ledger: it is not a JSON object; ${remedy}`);
}

function checked<T>(schema: z.ZodType<T>, { value, at }: Line): T {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const key = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `;
  throw new Error(`${at} is no line of a ledger: ${key}${issue!.message}; ${remedy}`);
}

const olderJudged = z.looseObject({ verdict: z.string(), evidence: z.string() });

const olderEntry = z.looseObject({
  target: z.string(),
  before: olderJudged,
  after: olderJudged.nullable(),
  status: z.string(),
  contradicted: z.boolean().nullable(),
});

/** Of the format without a header. What a verdict rests on is in its evidence, and of the run nothing is known. */
function olderLedger(lines: readonly Line[], text: string): LastLedger {
  const run = { id: digest(text) };
  const judged = ({ verdict, evidence }: z.infer<typeof olderJudged>) => ({
    strategy: '',
    verdict,
    evidence,
    strength: restsOnIn(verdict, evidence),
  });
  const histories = lines.map((line) => {
    const { target, before, after, status, contradicted } = checked(olderEntry, line);
    const entry = { before: judged(before), after: after === null ? null : judged(after), status, contradicted };
    return [target, [pastOf(entry, run)]] as const;
  });
  return { run, last: null, changes: [], histories: new Map(histories), absent: [] };
}

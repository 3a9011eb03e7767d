/** A baseline as people edit and merge it: every mistake is named with its line. */

import { isCollection, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { limits } from '../limits.ts';
import { BASELINE_FORMAT, type Baseline, type Entry, entryIn, OWN_TARGETS, partsOf } from './baseline.ts';

/** A baseline that can't be read: one line for people. */
export class BaselineError extends Error {
  override readonly name = 'BaselineError';
}

const entry = z.string().transform((words, context): Entry => {
  const found = entryIn(words);
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: "expected such as 'SAFE, exhaustive, PCT', 'COLLIDES' or 'SKIPPED'" });
  return z.NEVER;
});

const fingerprint = z
  .string()
  .refine(
    (text) => partsOf(text) !== undefined,
    "expected a race such as 'log/append LAST_WRITER_WINS: read n < write n'",
  );

const TARGETS = `expected a list of targets, or '${OWN_TARGETS}'`;

const schema = z.strictObject({
  format: z.literal(BASELINE_FORMAT),
  run: z.strictObject({
    engine: z.literal('explore'),
    steps: z.int().min(1),
    seed: z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
    targets: z.union([z.literal(OWN_TARGETS), z.array(z.string().min(1)).min(1, TARGETS)], TARGETS),
    writers: z.int().min(limits.writersMin).max(limits.writersMax),
  }),
  rows: z.record(z.string(), entry),
  findings: z.record(
    fingerprint,
    z.strictObject({
      reason: z.string().min(1).optional(),
      expires: z.iso.date('expected a day, such as 2026-12-31').optional(),
    }),
  ),
});

/** @param path for messages. @throws {BaselineError} */
export function readBaseline(text: string, path: string): Baseline {
  const conflict = text.split('\n').findIndex((line) => /^(<{7}|>{7}|\|{7})( |$)|^={7}$/.test(line));
  if (conflict >= 0) {
    throw new BaselineError(
      `${path}:${conflict + 1}: a merge has left its conflict markers: keep the lines of both sides, and \`collide gate\` tells which of them must go`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BaselineError(`${path} is not JSON: ${(error as Error).message}`);
  }
  const lines = new LineCounter();
  // JSON is YAML, and this parser knows where everything stands.
  const document = parseDocument(text, { lineCounter: lines });
  const twice = document.errors.find(({ code }) => code === 'DUPLICATE_KEY');
  if (twice !== undefined) throw new BaselineError(`${path}:${twice.linePos?.[0].line}: this key is there twice`);
  const format = (value as { readonly format?: unknown } | null)?.format;
  if (format !== BASELINE_FORMAT) {
    throw new BaselineError(
      `${path} has format ${JSON.stringify(format)}, expected '${BASELINE_FORMAT}': remove it, and \`collide gate --update\` writes it anew`,
    );
  }
  const checked = schema.safeParse(value);
  const at = (keys: readonly PropertyKey[]): string => {
    const line = lineOf(document.contents, keys, lines);
    return line === undefined ? path : `${path}:${line}`;
  };
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new BaselineError(`${at(keysOf(issue!))}: ${wordsOf(issue!)}`);
  }
  const { format: _, ...baseline } = checked.data;
  const orphan = Object.keys(baseline.findings).find((race) => !Object.hasOwn(baseline.rows, partsOf(race)!.row));
  if (orphan === undefined) return baseline as Baseline;
  throw new BaselineError(`${at(['findings', orphan])}: there is no row '${partsOf(orphan)!.row}' in rows`);
}

type Issue = z.ZodError['issues'][number];

const keysOf = (issue: Issue): readonly PropertyKey[] =>
  issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;

function wordsOf(issue: Issue): string {
  const where = issue.path.map(String).join(' › ');
  if (issue.code === 'unrecognized_keys')
    return `${where === '' ? '' : `${where} `}has no key called '${issue.keys[0]}'`;
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message;
  return `${where}: ${message.replace(/^Invalid (input|option): /, '')}`;
}

/** Where a key stands; where it is missing, where it should be. */
function lineOf(contents: Node | null, keys: readonly PropertyKey[], lines: LineCounter): number | undefined {
  let node: unknown = contents;
  let offset: number | undefined;
  for (const key of keys) {
    if (!isCollection(node)) break;
    const item = node.items.find((each) => isPair(each) && isScalar(each.key) && each.key.value === key);
    if (!isPair(item)) break;
    offset = (item.key as Node).range?.[0] ?? offset;
    node = item.value;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

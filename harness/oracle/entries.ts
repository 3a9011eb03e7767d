import { acknowledgedOf, type Execution, type Files, writesOf } from '../history/execution.ts';
import { excerpt, type Finding, findingIf, type Oracle, someOf } from './finding.ts';

/**
 * Every acknowledged write must have left its entry (the operation's id) exactly once.
 * Missing: LAST_WRITER_WINS. Twice: DUPLICATE_ENTRY.
 *
 * @param entries the ids found in the final state; throws where that is torn.
 */
export const everyEntryOnce =
  (entries: (final: Files) => readonly string[]): Oracle =>
  (execution) => {
    const present = tally(entries(execution.final));
    return [...lost(execution, (id) => present.has(id)), ...doubled(present)];
  };

/** An entry must be in the final state at most once, whoever wrote it. */
export const noEntryTwice =
  (entries: (final: Files) => readonly string[]): Oracle =>
  (execution) =>
    doubled(tally(entries(execution.final)));

/** Every entry that some session was told is recorded must be there, whoever wrote it; `key` names an operation's entry. */
export const everyKeyPresent =
  (key: (output: unknown) => string, entries: (final: Files) => readonly string[]): Oracle =>
  (execution) => {
    const present = new Set(entries(execution.final));
    const missing = [...new Set(acknowledgedOf(execution).map((operation) => key(operation.output)))].filter(
      (entry) => !present.has(entry),
    );
    return findingIf('LAST_WRITER_WINS', missing, () => `acknowledged, but not there: ${someOf(missing)}`);
  };

/**
 * A ledger of lines: every line must be one that a session wrote, whole, and every acknowledged entry must be there once.
 * A line nobody wrote, or one with ids of several operations, is TORN_LINES; an acknowledged entry of which not even a piece is left is LAST_WRITER_WINS.
 *
 * @param idOf the id of a whole line, or undefined where the line is not one that any session writes.
 */
export const wholeLines =
  (file: string, idOf: (line: string) => string | undefined = idOfJsonLine): Oracle =>
  (execution) => {
    const text = execution.final[file] ?? '';
    const known = new Set(writesOf(execution).map((operation) => operation.id));
    const ids: string[] = [];
    const torn: string[] = [];
    const lines = text.split('\n');
    const unfinished = lines.pop();
    for (const line of lines) {
      const id = idOf(line);
      // Several lines spliced into one may still parse: a whole line speaks of no other operation.
      const whole = id !== undefined && known.has(id) && (line.match(OPERATION_ID) ?? []).every((each) => each === id);
      if (whole) ids.push(id);
      else torn.push(line);
    }
    if (unfinished) torn.push(unfinished);
    const present = tally(ids);
    const pieces = new Set(torn.join('\n').match(OPERATION_ID));
    return [
      ...findingIf('TORN_LINES', torn, () => `no session wrote ${excerpt(torn.find((line) => line !== '') ?? '')}`),
      ...lost(execution, (id) => present.has(id) || pieces.has(id)),
      ...doubled(present),
    ];
  };

/** The id of an operation wherever it stands, whole, in a piece of a line. */
const OPERATION_ID = /s\d+\.\d+/g;

/** The `id` of a line that is a JSON object with one. */
export function idOfJsonLine(line: string): string | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'id' in entry ? String(entry.id) : undefined;
  } catch {
    return undefined;
  }
}

function lost(execution: Execution, survives: (id: string) => boolean): readonly Finding[] {
  const missing = acknowledgedOf(execution).filter((operation) => !survives(operation.id));
  return findingIf(
    'LAST_WRITER_WINS',
    missing,
    () => `acknowledged, but not there: ${someOf(missing.map((operation) => operation.id))}`,
  );
}

function doubled(present: ReadonlyMap<string, number>): readonly Finding[] {
  const twice = [...present].filter(([, times]) => times > 1);
  return findingIf('DUPLICATE_ENTRY', twice, () => `more than once: ${someOf(twice.map(([id]) => id))}`);
}

function tally(ids: readonly string[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
  return times;
}

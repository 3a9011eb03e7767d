/** Which steps of an execution are worth a row of its picture, and what the row says. */

import { type Execution, KILLED, type Operation } from '../history/execution.ts';
import { dependent, type Step } from '../history/step.ts';
import { looksUp, stepWords, visible } from './step-words.ts';

export interface Row {
  readonly session: number;
  /** Indexes of its first step and its last; none where no step is made. */
  readonly at?: number;
  readonly end?: number;
  /** How often the round of steps is made. */
  readonly times: number;
  /** What is done, without a mark; empty where no step is made. */
  readonly deed: string;
  /** What the session was told. */
  readonly told: readonly string[];
  /** `6`, or `9–206` for the rounds of a loop; empty where no step is made. */
  readonly number: string;
  readonly lines: readonly string[];
}

export interface Picture {
  /** In order; `gap` stands for rows that were left out at this place. */
  readonly rows: readonly (Row | 'gap')[];
  /** Indexes of steps that have a bearing on another session. */
  readonly bearing: readonly number[];
  /** Steps that are not shown because they have none. */
  readonly withoutBearing: number;
  /** Steps that are not shown because there are too many. */
  readonly leftOut: number;
}

export interface Marks {
  /** Indexes of steps that are spoken of, and so have a row of their own. */
  readonly spokenOf: readonly number[];
  /** The one of these that comes too early or too late. */
  readonly decisive?: number;
  /** The one that destroys what was acknowledged. */
  readonly destructive?: number;
  /** Whoever has not come to an end never will. */
  readonly stuck: boolean;
}

/** A row before it is put into words: a step, the rounds of a loop, or only what a session was told. */
interface Draft {
  readonly session: number;
  readonly operation?: number;
  /** Where it stands in the order of all: the index of a step, or something between two. */
  readonly at: number;
  /** The index of its last step. */
  readonly end?: number;
  /** Indexes of the steps of the first round. */
  readonly round: readonly number[];
  readonly times: number;
  readonly told: string[];
}

const ROWS_MAX = 40;

export function pictureOf(witness: Execution, given: Marks): Picture {
  const { steps = [] } = witness;
  const faults = steps.flatMap(({ fault }, at) => (fault === undefined ? [] : [at]));
  const marks: Marks = { ...given, spokenOf: [...given.spokenOf, ...faults] };
  // What a session waits for is no step yet: any change may be what stands in its way.
  const bears = bearing(steps).map((bears, at) => bears || (marks.stuck && changes(steps[at]!)));
  const firsts = firstReads(steps);
  const contested = new Set(steps.flatMap(({ path, to }, at) => (bears[at] ? [path, to ?? path] : [])));
  const worth = steps.map(
    (step, at) => bears[at]! || step.fault !== undefined || explains(step, firsts.has(at), contested),
  );
  const story = steps.flatMap((step, at) => (worth[at] || step.call === 'sleep' ? [at] : []));
  const drafts = rounds(steps, story, marks.spokenOf).filter(({ round }) => round.some((at) => worth[at]));
  const shown = stepsIn(drafts);
  const all = answered(drafts, witness, marks.stuck);
  const told = all.length <= ROWS_MAX ? all : telling(all, steps, firsts, marks.spokenOf);
  const kept = told.length <= ROWS_MAX ? told : nearest(told, marks.spokenOf);
  return {
    rows: worded(told, kept, steps, firsts, marks),
    bearing: story.filter((at) => bears[at]),
    withoutBearing: steps.length - shown,
    leftOut: shown - stepsIn(kept),
  };
}

const stepsIn = (drafts: readonly Draft[]): number =>
  drafts.reduce((sum, { round, times }) => sum + round.length * times, 0);

const changes = ({ accesses }: Step): boolean => accesses?.some(({ mode }) => mode !== 'read') ?? true;

/** Whether each step conflicts with a step of another session. Loops have many steps, but few different ones. */
function bearing(steps: readonly Step[]): readonly boolean[] {
  const keys = steps.map(({ session, accesses }) => JSON.stringify([session, accesses]));
  const different = new Map(steps.map((step, at) => [keys[at]!, step]));
  const bears = new Map(
    [...different].map(([key, step]) => [
      key,
      [...different.values()].some((other) => other.session !== step.session && dependent(step, other)),
    ]),
  );
  return keys.map((key) => bears.get(key)!);
}

/** It makes the other steps on a file that sessions meet at understood, though another order would not change it. */
const explains = (step: Step, first: boolean, contested: ReadonlySet<string>): boolean =>
  [step.path, step.to ?? ''].some((path) => path !== '' && contested.has(path)) && !saysLittle(step, first);

const ROUND_LENGTHS = Array.from({ length: 16 }, (_, index) => index + 1);

/** Repetitions next to each other become one draft: two of several steps, or three of one. */
function rounds(steps: readonly Step[], story: readonly number[], spokenOf: readonly number[]): readonly Draft[] {
  const names = story.map((at) => {
    const { session, operation } = steps[at]!;
    return spokenOf.includes(at) ? `${at}` : `${session}.${operation} ${stepWords(steps[at]!)}`;
  });
  const timesFrom = (from: number, length: number): number => {
    let end = from + length;
    while (end < names.length && names[end] === names[end - length]) end++;
    return Math.floor((end - from) / length);
  };
  const together = (round: readonly number[]): boolean => new Set(round.map((at) => steps[at]!.session)).size === 1;
  const drafts: Draft[] = [];
  for (let from = 0; from < story.length; ) {
    const length = ROUND_LENGTHS.find(
      (each) => together(story.slice(from, from + each)) && timesFrom(from, each) >= (each === 1 ? 3 : 2),
    );
    const round = story.slice(from, from + (length ?? 1));
    const times = length === undefined ? 1 : timesFrom(from, length);
    const { session, operation } = steps[round[0]!]!;
    from += round.length * times;
    drafts.push({ session, operation, at: round[0]!, end: story[from - 1]!, round, times, told: [] });
  }
  return drafts;
}

/** What sessions were told, behind their last step where nobody else has a row in between; else in a row of its own. */
function answered(drafts: readonly Draft[], witness: Execution, stuck: boolean): readonly Draft[] {
  const { operations, steps = [] } = witness;
  const own: Draft[] = [];
  const tell = (session: number, at: number, words: string): void => {
    own.push({ session, at, round: [], times: 1, told: [words] });
  };
  const performed = operations.filter(({ kind }) => kind !== 'finally');
  const several = performed.length > new Set(performed.map(({ session }) => session)).size;
  for (const operation of operations) {
    const { session, id, kind, respondedUs } = operation;
    const answer = `→ ${answerWords(operation)}`;
    const words = several ? `${id} ${answer}` : answer;
    const at = respondedUs - 0.5;
    const before = drafts.findLast((draft) => draft.at < at);
    if (kind === 'finally') tell(session, steps.length, `in the end ${answer}`);
    else if (before?.session === session && id.endsWith(`.${before.operation}`)) before.told.push(words);
    else tell(session, at, words);
  }
  for (const session of stuck ? unanswered(witness) : []) tell(session, steps.length, 'waits, and never goes on');
  return [...drafts, ...own].sort((a, b) => a.at - b.at);
}

/** The sessions that were answered less often than all were asked: writers equally often, a reader once. */
export function unanswered({ sessions, operations, steps = [] }: Execution): readonly number[] {
  const asked = steps.reduce((most, { operation }) => Math.max(most, operation + 1), 1);
  const unended = sessions.filter(({ index, role }) => {
    const answers = operations.filter(({ session, kind }) => session === index && kind !== 'finally').length;
    return answers < (role === 'reader' ? 1 : asked);
  });
  return unended.map(({ index }) => index);
}

const ANSWER_CHARS = 80;

export function answerWords({ outcome, output, error, exitCode, stderr = '' }: Operation): string {
  if (error?.name === KILLED) return 'nobody was told anything';
  if (outcome === 'ok') {
    const words = typeof output === 'string' ? output : JSON.stringify(output ?? '');
    return words === '' || words === '""' ? 'ok' : `ok: ${visible(words, ANSWER_CHARS)}`;
  }
  const message = visible(error?.message.trim() ?? '', ANSWER_CHARS);
  if (outcome === 'refused') {
    const [line = ''] = stderr.trim().split('\n');
    const said = message === '' ? visible(line, ANSWER_CHARS) : message;
    // Every shell says 1 where it says nothing in particular.
    const how = exitCode === undefined || exitCode === 1 ? 'refused' : `refused with exit code ${exitCode}`;
    return said === '' ? how : `${how}: ${said}`;
  }
  // A command is named with the path that it has on this machine.
  if (error?.name === 'CommandFailed')
    return `failed: ${visible(error.message.trim().replace(/^\/\S*\//, ''), ANSWER_CHARS)}`;
  return error === undefined ? 'nothing' : `threw ${error.name}${message === '' ? '' : `: ${message}`}`;
}

/** Without steps that say little. */
const telling = (
  drafts: readonly Draft[],
  steps: readonly Step[],
  firsts: ReadonlySet<number>,
  spokenOf: readonly number[],
): readonly Draft[] =>
  drafts.filter(({ round: [at], times, told }) => {
    if (at === undefined || times > 1 || told.length > 0 || spokenOf.includes(at)) return true;
    return !saysLittle(steps[at]!, firsts.has(at));
  });

/** As many as a reader can take in: those around the steps that are spoken of, or else the last ones. */
function nearest(drafts: readonly Draft[], spokenOf: readonly number[]): readonly Draft[] {
  const centres = drafts.flatMap(({ round }, row) => (round.some((at) => spokenOf.includes(at)) ? [row] : []));
  if (centres.length === 0) return drafts.slice(-ROWS_MAX);
  const distance = (row: number): number => Math.min(...centres.map((centre) => Math.abs(centre - row)));
  const rows = drafts.map((_, row) => row).sort((a, b) => distance(a) - distance(b));
  const near = new Set(rows.slice(0, ROWS_MAX));
  return drafts.filter((_, row) => near.has(row));
}

const quiet: ReadonlySet<Step['call']> = new Set(['attributes', 'sync', 'close', 'exit', 'sleep']);

/** So does looking at a file that is open already, and meeting its end. */
const saysLittle = (step: Step, first: boolean): boolean =>
  step.error === undefined &&
  (quiet.has(step.call) ||
    (step.call === 'stat' && !looksUp(step)) ||
    (step.call === 'read' && !first && (step.data === '' || step.bytes === 0)));

/** Indexes of the reads before which nothing was read since the file was opened. */
function firstReads(steps: readonly Step[]): ReadonlySet<number> {
  const begun = new Set<string>();
  const firsts = new Set<number>();
  for (const [at, { session, operation, call, path }] of steps.entries()) {
    const file = `${session}.${operation} ${path}`;
    if (call === 'open') begun.delete(file);
    if (call !== 'read') continue;
    if (!begun.has(file)) firsts.add(at);
    begun.add(file);
  }
  return firsts;
}

/** Where the row above in the column names the file, these need not. */
const brief: ReadonlySet<Step['call']> = new Set(['read', 'write', 'sync', 'trylock', 'unlock']);

function worded(
  all: readonly Draft[],
  kept: readonly Draft[],
  steps: readonly Step[],
  firsts: ReadonlySet<number>,
  { decisive, destructive }: Marks,
): readonly (Row | 'gap')[] {
  const mentioned = new Map<number, string>();
  const remaining = new Set(kept);
  const rows: (Row | 'gap')[] = [];
  for (const draft of all) {
    if (remaining.has(draft)) rows.push(rowOf(draft));
    else if (rows.at(-1) !== 'gap') rows.push('gap');
  }
  return rows;

  function rowOf(draft: Draft): Row {
    const { session, round, at, end, times, told } = draft;
    const deeds = round.map((at, index) => {
      const step = steps[at]!;
      const known = mentioned.get(session) === step.path && (brief.has(step.call) || index > 0);
      if (step.call !== 'sleep' && step.call !== 'exit') mentioned.set(session, step.to ?? step.path);
      return stepWords(step, { named: !known, first: firsts.has(at) });
    });
    const deed = deeds.join('; ');
    const has = (at: number | undefined): boolean => at !== undefined && round.includes(at);
    const marked = has(destructive) ? `✗ ${deed}` : has(decisive) ? `◆ ${deed}` : deed;
    const lines = [...(round.length === 0 ? [] : [times > 1 ? `… ${times} times: ${deed}` : marked]), ...told];
    const place = round.length === 0 || end === undefined ? {} : { at, end };
    return { session, ...place, number: numberOf(draft), times, deed, told, lines };
  }
}

function numberOf({ round, at, end = at, times }: Draft): string {
  if (round.length === 0) return '';
  return times === 1 ? `${at + 1}` : `${at + 1}–${end + 1}`;
}

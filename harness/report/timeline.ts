import Table from 'cli-table3';
import { acknowledgedOf, type Execution, type Files, type SessionIdentity } from '../history/execution.ts';
import { dependent } from '../history/step.ts';
import { type CollisionClass, collisionClasses } from '../oracle/finding.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { CriticalPair, RecordedFinding } from '../verdict/verdict.ts';
import { stepWords, visible } from './step-words.ts';
import { type Picture, pictureOf } from './timeline-rows.ts';
import { modeWords } from './words.ts';
import { widthOf, wrapped } from './wrap.ts';

export interface TimelineOptions {
  /** Columns of the terminal. */
  readonly width?: number;
  /** The command that makes the execution again from its witness. */
  readonly replayWith?: (witness: string) => string;
}

/** How the execution of a built-in target is made again. */
export const byReplay = (witness: string): string => `collide replay ${witness}`;

/** A finding as a picture: who did what and when, a column for each session, and which order of two steps did it. */
export function timeline(scenario: Scenario, finding: RecordedFinding, options: TimelineOptions = {}): string {
  const { width = 100, replayWith = byReplay } = options;
  const { witness, message, replay } = finding;
  const critical = criticalIn(finding);
  const destructive = destructiveIn(finding);
  const decisive = critical?.last ?? critical?.second;
  const picture = pictureOf(witness, {
    spokenOf: spokenOfIn(finding),
    ...(decisive === undefined ? {} : { decisive }),
    ...(destructive === undefined ? {} : { destructive }),
    stuck: finding.class === 'STUCK',
  });
  const paragraphs = [
    ...paragraph(`Expected: ${expectations[finding.class]}.`, width),
    ...paragraph(`Actual: ${stopped(visible(message, MESSAGE_CHARS))}`, width),
    ...leftBehind(witness, picture, width),
    ...(critical === undefined ? [] : ['', ...paragraph(criticalWords(critical, witness), width, '')]),
    ...(destructive === undefined ? [] : ['', ...paragraph(destructiveWords(destructive, witness), width, '')]),
    ...(replay === undefined ? [] : ['', `Replay it: ${replayWith(quoted(replay))}`]),
  ];
  return [...headline(scenario, finding, width), '', ...body(witness, picture, width), '', ...paragraphs].join('\n');
}

/** What should have been. */
export const expectations: Readonly<Record<CollisionClass, string>> = {
  LAST_WRITER_WINS: 'every acknowledged update survives',
  TORN_LINES: 'every line is whole, and as one session wrote it',
  TORN_STATE: 'whoever looks finds a whole state, be it the old one or the new one',
  DOUBLE_CONSUME: 'one session is granted it, and all others are refused',
  EXCLUSION_BROKEN: 'no more sessions at once are in the critical section than it admits',
  DUPLICATE_KEY: 'no two sessions take the same key',
  DUPLICATE_ENTRY: 'what must be unique is there once',
  FOREIGN_DELETE: "a session's data stay until it removes them itself",
  CONTAMINATED: 'every session acts on its own state, and on no other',
  FORKED_CHAIN: 'every link continues the one before it',
  NOT_SERIALIZABLE: 'the outcome is what the same operations could give one after another',
  FAILS_UNDER_CONTENTION: 'every session succeeds that would succeed one after another',
  STUCK: 'every session comes to an end',
  LOST_ON_CRASH: 'what was acknowledged is still there after a crash',
  CORRUPT_ON_CRASH: 'the state can still be read after a crash',
};

const MESSAGE_CHARS = 400;

function headline(scenario: Scenario, finding: RecordedFinding, width: number): readonly string[] {
  const { target, strategy, mode } = finding.witness;
  const does = scenario.strategies[strategy]?.does;
  return [
    ...paragraph(
      `${target}/${strategy}${modeWords[mode]}: ${finding.class}, ${collisionClasses[finding.class]}`,
      width,
    ),
    ...paragraph(`${scenario.resource}${does === undefined ? '' : `. Every writer: ${does}`}`, width),
    ...paragraph(visible(finding.message, MESSAGE_CHARS), width),
  ];
}

function body(witness: Execution, picture: Picture, width: number): readonly string[] {
  if (witness.steps === undefined) {
    return paragraph('There is no picture: it was found by free running, in which single steps are not seen.', width);
  }
  const { withoutBearing, leftOut } = picture;
  return [
    ...(picture.rows.length === 0 ? [] : [table(witness.sessions, picture, width)]),
    ...(withoutBearing === 0
      ? []
      : paragraph(`Not shown: ${stepsWords(withoutBearing)} no bearing on another session.`, width)),
    ...(leftOut === 0
      ? []
      : paragraph(`Left out (⋮), to keep the picture small: ${leftOut === 1 ? '1 step' : `${leftOut} steps`}.`, width)),
  ];
}

const stepsWords = (count: number): string => (count === 1 ? '1 step that has' : `${count} steps that have`);

/** Narrower columns can't be read: then one column is for all. */
const NARROWEST = 16;

function table(sessions: readonly SessionIdentity[], { rows }: Picture, width: number): string {
  const acting = [...new Set(rows.flatMap((row) => (row === 'gap' ? [] : [row.session])))].sort((a, b) => a - b);
  const headings = acting.map((session) => headingOf(session, sessions));
  const numberWidth = Math.max(...rows.map((row) => (row === 'gap' ? 1 : row.number.length)));
  const apart = (width - 4 - numberWidth) / acting.length - 3 >= NARROWEST;
  const head = apart ? ['', ...headings] : ['', 'who', 'does'];
  const cells = rows.map((row) => {
    if (row === 'gap') return head.map((_, column) => (column === 0 ? ['⋮'] : []));
    const { session, number, lines } = row;
    if (!apart) return [[number], [headingOf(session, sessions)], lines];
    return [[number], ...acting.map((each) => (each === session ? lines : []))];
  });
  const widths = columnWidths([head.map((title) => [title]), ...cells], width);
  const drawn = new Table({
    head,
    colWidths: widths.map((each) => each + 2),
    colAligns: ['right'],
    style: { head: [], border: [], compact: true },
  });
  drawn.push(
    ...cells.map((row) =>
      row.map((lines, column) => lines.flatMap((line) => wrapped(line, widths[column]!, '  ')).join('\n')),
    ),
  );
  return drawn.toString();
}

/** Every column gets what it needs, as far as there is room; wide ones share what the others leave. */
function columnWidths(rows: readonly (readonly (readonly string[])[])[], width: number): readonly number[] {
  const needs = rows[0]!.map((_, column) => Math.max(...rows.flatMap((row) => row[column]!.map(widthOf)), 1));
  const widths = [...needs];
  let left = width - 1 - 3 * needs.length;
  const narrowestFirst = needs.map((_, column) => column).sort((a, b) => needs[a]! - needs[b]!);
  for (const [at, column] of narrowestFirst.entries()) {
    widths[column] = Math.max(1, Math.min(needs[column]!, Math.floor(left / (needs.length - at))));
    left -= widths[column]!;
  }
  return widths;
}

export function headingOf(session: number, sessions: readonly SessionIdentity[]): string {
  const readers = sessions.filter(({ role }) => role === 'reader').map(({ index }) => index);
  if (sessions.some(({ index, recovers }) => index === session && recovers)) return `session ${session}, afterwards`;
  if (!readers.includes(session)) return `session ${session}`;
  return readers.length === 1 ? 'reader' : `reader ${session}`;
}

const FILES_MAX = 6;
const FILE_CHARS = 200;

/** The files about which sessions met. */
function leftBehind({ final, steps = [] }: Execution, { bearing }: Picture, width: number): readonly string[] {
  const touched = bearing.flatMap((at) => [steps[at]!.path, steps[at]!.to ?? []].flat());
  const files = [...new Set(touched.flatMap((path) => filesAt(path, final)))];
  if (files.length === 0) return [];
  const words = files.slice(0, FILES_MAX).map((path) => {
    const content = final[path]!;
    return `${visible(path, FILE_CHARS)} ${content === '' ? 'is empty' : `= ${visible(content, FILE_CHARS)}`}`;
  });
  const rest = files.length - words.length;
  const all = rest === 0 ? words : [...words, `and ${rest} more`];
  return all.flatMap((each, at) => paragraph(`${at === 0 ? 'Left behind:' : ' '.repeat(12)} ${each}`, width, '    '));
}

/** In the path of a step `%` stands for what differs from execution to execution. */
export function filesAt(path: string, final: Files): readonly string[] {
  if (!path.includes('%')) return Object.hasOwn(final, path) ? [path] : [];
  const pattern = new RegExp(`^${path.split('%').map(literally).join('[^/]+')}$`);
  return Object.keys(final).filter((each) => pattern.test(each));
}

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Only what is what it should be: two steps that conflict, and a later one of the first one's session. */
export function criticalIn({ critical, witness: { steps = [] } }: RecordedFinding): CriticalPair | undefined {
  if (critical === undefined) return undefined;
  const { first, second, last } = critical;
  const [a, b] = [steps[first], steps[second]];
  if (a === undefined || b === undefined || a.session === b.session || !dependent(a, b)) return undefined;
  return last === undefined || steps[last]?.session === a.session ? critical : undefined;
}

/** Only a step that is there. */
export const destructiveIn = ({ destructive, witness: { steps = [] } }: RecordedFinding): number | undefined =>
  destructive === undefined || steps[destructive] === undefined ? undefined : destructive;

/** The steps that are told of in words, by their indexes. */
export function spokenOfIn(finding: RecordedFinding): readonly number[] {
  const destructive = destructiveIn(finding);
  return [...Object.values(criticalIn(finding) ?? {}), ...(destructive === undefined ? [] : [destructive])];
}

/** `Session 0's \`rename s.tmp → s\` (step 24) destroyed what session 1 was told it had written.` */
export function destructiveWords(at: number, witness: Execution): string {
  const by = witness.steps![at]!.session;
  const others = new Set(acknowledgedOf(witness).flatMap(({ session }) => (session === by ? [] : [session])));
  const [other] = others;
  const whose = other === undefined || others.size > 1 ? 'others were' : `${headingOf(other, witness.sessions)} was`;
  const written = others.size > 1 ? 'they had written' : 'it had written';
  return sentence(`${nameIn(witness, at)} destroyed what ${whose} told ${written}`);
}

function nameIn({ steps = [], sessions }: Execution, at: number): string {
  const step = steps[at]!;
  const heading = headingOf(step.session, sessions);
  const owner = heading === 'reader' ? 'the reader' : heading;
  return `${owner}'s \`${stepWords(step, { data: false })}\` (step ${at + 1})`;
}

export function criticalWords({ first, second, last }: CriticalPair, witness: Execution): string {
  const name = (at: number): string => nameIn(witness, at);
  if (last === undefined) {
    return sentence(`${name(first)} came before ${name(second)}. The other way round, the finding is gone`);
  }
  return sentence(
    `${name(second)} came between ${name(first)} and ${name(last)}. If it comes before step ${first + 1}, the finding is gone`,
  );
}

const sentence = (text: string): string => stopped(`${text.charAt(0).toUpperCase()}${text.slice(1)}`);

const stopped = (text: string): string => `${text}${/[.!?]$/.test(text) ? '' : '.'}`;

const paragraph = (text: string, width: number, indent = '  '): readonly string[] => wrapped(text, width, indent);

/** A word for the shell that stands for itself. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

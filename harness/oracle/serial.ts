/**
 * The oracle for commands that nobody has specified: what they do one after another is right, whatever the order, and what no order
 * explains is wrong. After Line-Up (Burckhardt et al., PLDI 2010).
 */

import { type Execution, type Files, type Operation, writesOf } from '../history/execution.ts';
import { bondsOf, brokenIn, type Values } from './bonds.ts';
import { type Contends, contentionIn } from './contention.ts';
import { drawnPart } from './drawn.ts';
import { explain } from './explanation.ts';
import type { Oracle } from './finding.ts';
import { MASK, type Masked, type Masks, maskedIn, masksOf, OTHER } from './masks.ts';
import type { Answer, Legal, Outcome } from './outcome.ts';

/** Sessions one after another. Plain data. */
export interface SerialRun {
  /** Indexes of the sessions, in the order in which they ran. */
  readonly order: readonly number[];
  /** What had happened before the first of them, and after each. */
  readonly after: readonly Execution[];
}

/** Everything that is known to be right, of all of the commands and of any of them. */
export interface Specification {
  readonly legal: readonly Legal[];
  readonly outcomeOf: (execution: Execution) => Outcome;
  /** What two runs of the same order have nothing in common in: not compared. */
  readonly uncompared: readonly string[];
}

/** @param lines the command of each session, by index. */
export function specificationOf(runs: readonly SerialRun[], lines: readonly string[]): Specification {
  return specificationFor(runs, toldApart(runs, lines));
}

/**
 * Sessions with the same command are interchangeable, unless their number is part of what they do: then each gets a name of its own.
 * Seen by what each does first of all.
 */
export function toldApart(runs: readonly SerialRun[], lines: readonly string[]): readonly string[] {
  const { outcomeOf } = specificationFor(runs, lines);
  const done = runs.map(({ order, after }) => ({ line: lines[order[0]!]!, key: legalOf(outcomeOf(after[1]!)).key }));
  const apart = new Set(
    [...Map.groupBy(done, ({ line }) => line)].flatMap(([line, all]) =>
      new Set(all.map(({ key }) => key)).size > 1 ? [line] : [],
    ),
  );
  return lines.map((line, session) => (apart.has(line) ? `${line} (s${session})` : line));
}

function specificationFor(runs: readonly SerialRun[], commands: readonly string[]): Specification {
  const names = drawnNames(runs);
  const always = new Set(alwaysThere(runs));
  const placed = (execution: Execution): Files => named(execution.final, names, always);
  const masks = masksOfAll(runs, commands, placed);
  const mask = (name: string, text: string): Masked => maskedIn(text, masks.get(name) ?? NOTHING);
  const maskedOf = (execution: Execution): MaskedOutcome => ({
    files: Object.entries(placed(execution)).map(([path, text]) => [path, mask(path, text)]),
    answers: writesOf(execution).map((operation) => {
      const command = commands[operation.session]!;
      return { command, operation, text: mask(`output of ${command}`, answerText(operation)) };
    }),
  });
  const values = runs.map(({ after }) => after.map((execution) => valuesIn(maskedOf(execution))));
  const bonds = Array.from({ length: Math.max(...values.map(({ length }) => length)) }, (_, sessions) =>
    bondsOf(values, sessions),
  );
  const outcomeOf = (execution: Execution): Outcome => {
    const found = maskedOf(execution);
    const broken = brokenIn(bonds[found.answers.length] ?? [], valuesIn(found));
    return {
      files: Object.fromEntries(found.files.map(([path, text]) => [path, marked(path, text, broken)])),
      answers: found.answers.map(({ command, operation, text }) => {
        const { session } = operation;
        return { session, command, operation, text: marked(`output of ${command}`, text, broken) };
      }),
    };
  };
  const legal = runs.flatMap(({ after }) => after.map((execution) => legalOf(outcomeOf(execution))));
  const uncompared = [...masks].flatMap(([name, { all }]) => (all ? [name] : []));
  return { legal: [...new Map(legal.map((each) => [each.key, each])).values()], outcomeOf, uncompared };
}

interface MaskedOutcome {
  readonly files: readonly (readonly [string, Masked])[];
  readonly answers: readonly { readonly command: string; readonly operation: Operation; readonly text: Masked }[];
}

const placeOf = (name: string, at: number): string => `${name}\0${at}`;

/** Of sessions that nobody can tell apart, the answers have no places of their own. */
function valuesIn({ files, answers }: MaskedOutcome): Values {
  const single = [...Map.groupBy(answers, ({ command }) => command)].flatMap(([command, all]) =>
    all.length === 1 ? [[`output of ${command}`, all[0]!.text] as const] : [],
  );
  return new Map(
    [...files, ...single].flatMap(([name, { spots }]) =>
      spots.map(({ value }, at) => [placeOf(name, at), value] as const),
    ),
  );
}

/** @param broken places that don't hold what they held in common with others. */
function marked(name: string, { text, spots }: Masked, broken: ReadonlySet<string>): string {
  return spots.reduce(
    (result, { at }, which) =>
      broken.has(placeOf(name, which)) ? `${result.slice(0, at)}${OTHER}${result.slice(at + MASK.length)}` : result,
    text,
  );
}

const NOTHING: Masks = { all: false, patterns: [] };

/**
 * With what was learned of its serial orders: who fails because of others, and where what is done one after another is right, that for
 * an oracle; all else as it is.
 */
export function specified<T extends Judged>(scenario: T, runs: readonly SerialRun[] | undefined): T {
  const { serial, oracles } = scenario;
  if (serial === undefined || runs === undefined) return scenario;
  const names = toldApart(runs, serial.lines);
  const contends = serial.allSucceed ? {} : { contends: contentionIn(runs, names) };
  if (!serial.isRight) return { ...scenario, ...contends };
  return { ...scenario, ...contends, oracles: [...oracles, serialEquivalence(specificationFor(runs, names))] };
}

interface Judged {
  readonly serial?: {
    readonly lines: readonly string[];
    readonly isRight: boolean;
    readonly allSucceed?: true;
  };
  readonly oracles: readonly Oracle[];
  readonly contends?: Contends;
}

/** An execution is right where a serial order of those that were not refused has the same outcome. */
export function serialEquivalence({ legal, outcomeOf }: Specification): Oracle {
  const byFiles = Map.groupBy(legal, ({ files }) => filesKey(files));
  const known = new Set(legal.flatMap(({ files }) => Object.keys(files)));
  return (execution) => {
    const outcome = execution.faults === undefined ? outcomeOf(execution) : disturbed(outcomeOf(execution), known);
    const candidates = byFiles.get(filesKey(outcome.files)) ?? [];
    return candidates.some((each) => explains(each, outcome)) ? [] : explain(outcome, legal);
  };
}

/** What a session that was made to fail leaves lying about is no harm by itself: temporary files, files that it locked. */
function disturbed({ files, answers }: Outcome, known: ReadonlySet<string>): Outcome {
  return { files: Object.fromEntries(Object.entries(files).filter(([path]) => known.has(path))), answers };
}

/**
 * Whose answers are not those of the order must have been refused: it is as if they had not been there. Of whom nobody
 * knows, it may have been or not.
 */
function explains({ answers: given }: Legal, { answers }: Outcome): boolean {
  const left = [...given];
  const others = answers.filter((answer) => {
    const at = left.findIndex((each) => answerKey(each) === answerKey(answer));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  for (const { operation, command } of others) {
    if (operation.outcome !== 'unknown') continue;
    const at = left.findIndex((each) => each.command === command);
    if (at >= 0) left.splice(at, 1);
  }
  return left.length === 0 && others.every(({ operation }) => operation.outcome !== 'ok');
}

const filesKey = (files: Files): string => JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));

const answerKey = ({ command, text }: Answer): string => [command, text].join('\0');

function legalOf({ files, answers }: Outcome): Legal {
  const commands = answers.map(({ command }) => command).sort();
  const key = `${filesKey(files)} ${JSON.stringify(answers.map(answerKey).sort())}`;
  return { files, answers, commands, key };
}

/** What was printed, and whether it worked; on which number a failure ends is nobody's contract. */
const answerText = ({ outcome, output }: Operation): string =>
  `${outcome === 'ok' ? 'ok' : 'failed'} ${outcome === 'ok' ? inPlace(typeof output === 'string' ? output : JSON.stringify(output)) : ''}`;

/** The sandbox is another one each time. */
const inPlace = (text: string): string => text.replaceAll(SANDBOX, '/SANDBOX');

/** Where a stage of the explorer and a round of the storm have their resource. */
const SANDBOX = /\/[^\s"':]*?\/collide-[A-Za-z0-9]{6}\/(?:stage|round)-[A-Za-z0-9]{6}\/resource/g;

/** By the name of the file, and by the command that printed. */
function masksOfAll(
  runs: readonly SerialRun[],
  commands: readonly string[],
  placed: (execution: Execution) => Files,
): ReadonlyMap<string, Masks> {
  const pairs = new Map<string, (readonly [string, string])[]>();
  const add = (name: string, one: string, other: string | undefined): void => {
    if (other !== undefined) pairs.set(name, [...(pairs.get(name) ?? []), [one, other]]);
  };
  for (const [first, ...others] of Map.groupBy(runs, ({ order }) => order.join()).values()) {
    for (const { after } of others) {
      for (const [at, execution] of after.entries()) compare(first!.after[at]!, execution);
    }
  }
  return new Map([...pairs].map(([name, found]) => [name, masksOf(found)]));

  function compare(one: Execution, other: Execution): void {
    const files = placed(other);
    for (const [path, content] of Object.entries(placed(one))) add(path, content, files[path]);
    for (const operation of writesOf(one)) {
      const again = writesOf(other).find(({ session }) => session === operation.session);
      add(`output of ${commands[operation.session]}`, answerText(operation), again && answerText(again));
    }
  }
}

/** Files as they can be compared. Of those with names that are drawn, which nobody else finds by name, it counts how many there are. */
function named(files: Files, names: RegExp | undefined, always: ReadonlySet<string>): Files {
  const found = Object.entries(files).map(([path, text]) => [path, inPlace(text)] as const);
  if (names === undefined) return Object.fromEntries(found);
  const groups = Map.groupBy(found, ([path]) => (always.has(path) ? path : path.replaceAll(names, MASK)));
  return Object.fromEntries(
    [...groups].map(([name, group]) => [name, group[0]![0] === name ? group[0]![1] : `${group.length} times`]),
  );
}

/** Names that nobody has drawn: they are there at the end of all runs. */
function alwaysThere(runs: readonly SerialRun[]): readonly string[] {
  const ends = runs.map(({ after }) => after.at(-1)!.final);
  return Object.keys(ends[0] ?? {}).filter((path) => ends.every((files) => files[path] !== undefined));
}

/** Names of files that are others in another run of the same order. */
function drawnNames(runs: readonly SerialRun[]): RegExp | undefined {
  const patterns = new Set<string>();
  for (const same of Map.groupBy(runs, ({ order }) => order.join()).values()) {
    const last = same.map(({ after }) => Object.keys(after.at(-1)!.final));
    const foreign = last.map((paths) => paths.filter((path) => !last.every((others) => others.includes(path))).sort());
    for (const at of foreign[0]!.keys()) {
      const paths = foreign.flatMap((each) => each[at] ?? []);
      if (paths.length === foreign.length) patterns.add(drawnPart(paths));
    }
  }
  return patterns.size === 0 ? undefined : new RegExp([...patterns].join('|'), 'g');
}

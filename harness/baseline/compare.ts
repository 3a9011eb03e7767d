/** A run held against a baseline. Row by row and race by race: what got better never makes up for what got worse. */

import { limits } from '../limits.ts';
import { collisionClasses } from '../oracle/finding.ts';
import { fingerprintOf, rowName } from '../verdict/fingerprint.ts';
import type { Status, Verdict } from '../verdict/verdict.ts';
import { type Accepted, type Baseline, type Entry, entryOf, entryWords, partsOf, type Searched } from './baseline.ts';
import type { Change, Comparison } from './change.ts';

export interface Comparing {
  /** Path of the baseline. */
  readonly path: string;
  /** `2026-12-31`. */
  readonly today: string;
  /** The command that accepts what is meant: `collide gate --update`, with whatever flags it takes. Without it: no advice. */
  readonly update?: string;
  /** Must all that has an entry be run, whatever is missing here? */
  readonly strict?: boolean;
  /** Is this target among those that were run? Without it, all are. */
  readonly among?: (target: string) => boolean;
}

export function compare(baseline: Baseline, verdicts: readonly Verdict[], comparing: Comparing): Comparison {
  const now = new Map(verdicts.map((verdict) => [rowName(verdict), verdict]));
  const { among = () => true } = comparing;
  const vanished = Object.entries(baseline.rows)
    .filter(([row]) => !now.has(row) && among(targetOf(row)))
    .map(([row, was]): Change => {
      const message = advised(comparing, `was ${entryWords(was)}; there is no such row any more`, orAccept);
      return { kind: 'vanished', row, message, fails: true };
    });
  const known = Map.groupBy(Object.entries(baseline.findings), ([race]) => partsOf(race)!.row);
  const changes = [...now].flatMap(([row, verdict]) =>
    rowChanges({ row, was: baseline.rows[row], races: new Map(known.get(row)), verdict, comparing }),
  );
  const without = new Set(
    changes.filter(({ kind }) => kind === 'uncompared' || kind === 'unknown').map(({ row }) => row),
  );
  return {
    baseline: comparing.path,
    rows: [...now].filter(([row, { status }]) => status !== 'SKIPPED' && !without.has(row)).length,
    changes: [...vanished, ...changes].toSorted(failingFirst),
  };
}

/** What happened, and what to do about it. */
const advised = ({ update }: Comparing, words: string, advice: (command: string) => string): string =>
  update === undefined ? words : `${words}. ${advice(`\`${update}\``)}`;

const orAccept = (command: string): string => `If that is meant, ${command} accepts it`;

const toKeep = (command: string): string => `${command} keeps it`;

export const targetOf = (row: string): string => row.slice(0, row.indexOf('/'));

function failingFirst(a: Change, b: Change): number {
  if (a.fails !== b.fails) return a.fails ? -1 : 1;
  const [one, other] = [a, b].map(({ row, kind, fingerprint = '' }) => `${row}\n${kind}\n${fingerprint}`);
  return one! < other! ? -1 : 1;
}

interface Compared {
  readonly row: string;
  /** Left out: there is no entry. */
  readonly was: Entry | undefined;
  /** Its races, by fingerprint. */
  readonly races: ReadonlyMap<string, Accepted>;
  readonly verdict: Verdict;
  readonly comparing: Comparing;
}

function rowChanges(compared: Compared): readonly Change[] {
  const { row, was, verdict, comparing } = compared;
  const is = entryOf(verdict);
  if (was === undefined) {
    const message = advised(
      comparing,
      `has no entry yet, and is ${nowWords(verdict)}`,
      (command) => `${command} makes one`,
    );
    return [{ kind: 'unknown', row, message, ...replayOf(verdict), fails: true }];
  }
  if (was.status === 'SKIPPED' && is.status !== 'SKIPPED') {
    const message = advised(
      comparing,
      `could not be run where the baseline was made, and is ${nowWords(verdict)} here`,
      toKeep,
    );
    return [{ kind: 'unknown', row, message, ...replayOf(verdict), fails: false }];
  }
  const uncompared = uncomparedOf(compared, was, is);
  if (uncompared !== undefined) return uncompared;
  // Races of a row that comes to nothing are not gone.
  const judged = is.status === 'SAFE' || is.status === 'COLLIDES' || is.status === 'NOT_PROVOKED';
  return [...statusChange(compared, was, is), ...(judged ? raceChanges(compared, was) : [])];
}

/** What could not be run this time, or was run on something else; undefined where it can be compared. */
function uncomparedOf({ row, verdict, comparing }: Compared, was: Entry, is: Entry): readonly Change[] | undefined {
  const uncompared = (why: string, fails: boolean): readonly Change[] => [
    { kind: 'uncompared', row, message: why, fails },
  ];
  const { strict = false } = comparing;
  if (is.status === 'SKIPPED' && was.status !== 'SKIPPED') return uncompared(reasonOf(verdict), strict);
  if (is.status === 'INCONCLUSIVE' && was.status !== 'INCONCLUSIVE') return uncompared(reasonOf(verdict), true);
  if (is.status === 'SKIPPED' || was.product === is.product) return undefined;
  return uncompared(`it was run on ${is.product ?? 'the product that the server is named after'} now`, strict);
}

/** What is said of a row, from the best to the worst. What collides is told by its races. */
const RANKS: Readonly<Partial<Record<Status, number>>> = {
  SAFE: 0,
  NOT_PROVOKED: 1,
  INCONCLUSIVE: 2,
  VACUOUS: 2,
  BROKEN_ALONE: 2,
};

function statusChange({ row, verdict, comparing }: Compared, was: Entry, is: Entry): readonly Change[] {
  const words = `was ${entryWords(was)}, and is ${nowWords(verdict)}`;
  if (is.status === was.status) return strengthChange(comparing, { row, words }, was, is);
  if (is.status === 'COLLIDES') return [];
  const better: Change = { kind: 'better', row, message: advised(comparing, words, toKeep), fails: false };
  const worse: Change = { kind: 'worse', row, message: advised(comparing, words, orAccept), fails: true };
  if (was.status === 'COLLIDES') {
    if (is.status === 'SAFE') return [better];
    return is.status === 'NOT_PROVOKED' ? [] : [worse];
  }
  return RANKS[is.status]! < RANKS[was.status]! ? [better] : [worse];
}

function strengthChange(
  comparing: Comparing,
  { row, words }: { readonly row: string; readonly words: string },
  was: Entry,
  is: Entry,
): readonly Change[] {
  const steps = [
    Number(isSample(was)) - Number(isSample(is)),
    rankOf(is.searched) - rankOf(was.searched),
    Number(is.searched?.more ?? false) - Number(was.searched?.more ?? false),
  ];
  if (steps.some((step) => step < 0)) {
    const remedy = (command: string): string => `More --steps may search all of it again. ${orAccept(command)}`;
    return [{ kind: 'weaker', row, message: advised(comparing, words, remedy), fails: true }];
  }
  if (steps.every((step) => step === 0)) return [];
  return [{ kind: 'stronger', row, message: advised(comparing, words, toKeep), fails: false }];
}

/** Baselines of before there were levels do not say so. */
const isSample = ({ status, sampled, searched }: Entry): boolean =>
  sampled === true ||
  (status === 'SAFE' &&
    searched !== undefined &&
    searched.two !== 'exhaustive' &&
    rankOf(searched) < limits.preemptionsMin);

/** The further a search went, the more. */
function rankOf(searched: Searched | undefined): number {
  if (searched === undefined) return -2;
  if (searched.two === 'exhaustive') return Number.MAX_SAFE_INTEGER;
  return searched.two === 'some' ? -1 : searched.two;
}

function raceChanges({ row, races, verdict, comparing }: Compared, was: Entry): readonly Change[] {
  const found = new Map(verdict.findings.map((finding) => [fingerprintOf(verdict, finding), finding]));
  const worse = [...found].flatMap(([fingerprint, finding]): readonly Change[] => {
    if (races.has(fingerprint)) return [];
    const { kind, pair } = partsOf(fingerprint)!;
    const otherwise = [...races.keys()].map((race) => partsOf(race)!).find((race) => race.kind === kind);
    const before = otherwise === undefined ? '' : `, with ${kind} by other steps: ${otherwise.pair ?? 'none'}`;
    const words =
      `was ${entryWords(was)}${before}; now ${kind}, ${collisionClasses[kind]}` +
      `${pair === undefined ? '' : ` (${pair})`}: ${finding.message}`;
    const message = advised(comparing, words, orAccept);
    const replay = finding.replay === undefined ? {} : { replay: finding.replay };
    return [{ kind: 'worse', row, message, fingerprint, ...replay, fails: true }];
  });
  const gone = [...races].flatMap(([fingerprint, { expires }]): readonly Change[] => {
    const { kind, pair } = partsOf(fingerprint)!;
    const race = `${kind}${pair === undefined ? '' : ` (${pair})`}`;
    if (!found.has(fingerprint)) {
      const words = `${race} is not found any more; the row is ${nowWords(verdict)}`;
      const message = advised(comparing, words, (command) => `Its entry must go: ${command}`);
      return [{ kind: 'stale', row, message, fingerprint, fails: true }];
    }
    if (expires === undefined || comparing.today <= expires) return [];
    const { reason } = races.get(fingerprint)!;
    const because = reason === undefined ? '' : `, because of: ${reason}`;
    const words = `${race} was accepted until ${expires}${because}`;
    const message = advised(comparing, words, () => `Mend it, or give its entry in ${comparing.path} another date`);
    const { replay } = found.get(fingerprint)!;
    return [{ kind: 'expired', row, message, fingerprint, ...(replay === undefined ? {} : { replay }), fails: true }];
  });
  return [...worse, ...gone];
}

/** `LAST_WRITER_WINS + TORN_STATE`, `SAFE, exhaustive`, `BROKEN_ALONE: even with one session: …`. */
function nowWords(verdict: Verdict): string {
  if (verdict.status === 'COLLIDES') return verdict.classes.join(' + ');
  const words = entryWords(entryOf(verdict));
  const hasVerdict = verdict.status === 'SAFE' || verdict.status === 'NOT_PROVOKED';
  return hasVerdict || verdict.reason === undefined ? words : `${words}: ${verdict.reason}`;
}

const reasonOf = ({ status, reason }: Verdict): string => `${status}, ${reason ?? 'no reason given'}`;

function replayOf({ findings }: Verdict): { readonly replay?: string } {
  const replay = findings.find((finding) => finding.replay !== undefined)?.replay;
  return replay === undefined ? {} : { replay };
}

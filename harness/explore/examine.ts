/** The exploration of one strategy: two writers exhaustively, then all of them at random. */

import { writesOf } from '../history/execution.ts';
import { type Omission, Omissions } from '../history/omission.ts';
import { limits } from '../limits.ts';
import { type CollisionClass, someOf } from '../oracle/finding.ts';
import { type Scenario, truthClasses } from '../scenario/scenario.ts';
import type { Endpoint } from '../scenario/server.ts';
import { preemptionBounded } from '../schedule/bounded.ts';
import { exhaustive } from '../schedule/exhaustive.ts';
import { pct, pctGuarantee } from '../schedule/pct.ts';
import { uniformRandom } from '../schedule/random.ts';
import { stay } from '../schedule/schedule.ts';
import type { Trace } from '../schedule/scheduler.ts';
import type { Shard } from '../schedule/shard.ts';
import { contention } from '../verdict/contention.ts';
import type { Exploration, Probing, Searches, Seen } from '../verdict/exploration.ts';
import type { Explored } from '../verdict/strength.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import type { Cast } from './cast.ts';
import { withDrawnNames } from './drawn-names.ts';
import type { Evidence } from './evidence.ts';
import { explain } from './explain.ts';
import { nameOf } from './loops.ts';
import type { Player } from './player.ts';
import { findingsOf, type Limits, Search } from './search.ts';

export interface Examination {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly seed: number;
  readonly budgetMs: number;
  /** Ends the search after so many, too. */
  readonly steps?: number;
  /** Only so much of the search: what others do of it is put together with it later. */
  readonly shard?: Shard;
  readonly server?: Endpoint;
}

type Progress = (executions: number) => void;

/**
 * Two writers with one operation each, and the reader if there is one: every interleaving, or as many as there is time for.
 * Searches until all that is known to be wrong has been found, or there is nothing left.
 *
 * @throws {SessionLost} and {Interrupted}.
 */
export function examine(
  player: Player,
  task: Examination & { readonly again: boolean },
  progress: Progress,
): Exploration {
  const search = new Search(player, enoughFor(task), progress);
  const brokenAlone = failsAlone(player, task);
  if (brokenAlone !== undefined) {
    return { brokenAlone, explored: nothing, findings: [], counts: search.counts, effort: search.effort };
  }
  const cast = withDrawnNames(player, castOf(task, exploredWriters(task.scenario)));
  player.take(cast);
  const unsteady = unsteadiness(player, task.scenario.learnsNames === true);
  const { explored, divergence, part } = exploreAll(search, cast, task);
  const elsewhere = meetingOutside(player);
  const { findings, unrepeated } = explained(player, shownOf(search, elsewhere));
  const doubt = unsteady ?? elsewhere ?? divergence ?? unrepeated ?? search.failure;
  const claimed = without(explored, omittedOf(player, task));
  return {
    explored: [unsteady, elsewhere, unrepeated].every((each) => each === undefined) ? claimed : unexhausted(claimed),
    findings,
    counts: search.counts,
    effort: search.effort,
    ...contentionOf(player, search),
    ...(doubt === undefined ? {} : { doubt }),
    ...(elsewhere !== undefined && doubt === elsewhere ? { sharesOutside: true } : {}),
    ...(explored.kind === 'exhaustive' ? { ended: true } : {}),
    ...(part === undefined ? {} : { part }),
    ...(player.outside.length === 0 ? {} : { outside: player.outside }),
  };
}

/** With their shortest executions. That sessions can't go on is said only where they can't again: a moment's delay looks the same. */
function explained(
  player: Player,
  sightings: Search['sightings'],
): { readonly findings: readonly RecordedFinding[]; readonly unrepeated?: string } {
  const all = sightings.map((sighting) => explain(player, sighting));
  const findings = all.filter(({ class: kind, replay }) => kind !== 'STUCK' || replay !== undefined);
  return findings.length === all.length
    ? { findings }
    : { findings, unrepeated: 'sessions could not go on once, and could under the same schedule' };
}

/** Why nothing that is found, or not found, says all there is to say: what sessions share that lies outside of the resource. */
export function meetingOutside(player: Player): string | undefined {
  const met = player.metOutside;
  if (met.length === 0) return undefined;
  const [is, it, them] = met.length === 1 ? ['is', 'it', 'it'] : ['are', 'they', 'them'];
  return `the commands share ${someOf(met)}, which ${is} outside the directory: ${it} ${is} neither controlled nor checked; move ${them} into the directory`;
}

/** Who waits for something out there only looks stuck. */
const shownOf = ({ sightings }: Search, elsewhere: string | undefined): Search['sightings'] =>
  sightings.filter(({ kind }) => kind !== 'STUCK' || elsewhere === undefined);

/** Its shortest execution, too. */
function contentionOf(player: Player, { contention: seen }: Search): Pick<Exploration, 'contention'> {
  if (seen === undefined) return {};
  const { sighting, executions, of } = seen;
  const { rounds: _, count: __, class: ___, ...told } = explain(player, sighting);
  const contends = sighting.cast.scenario.contends!;
  const contended = contends(told.witness) ?? contends(sighting.execution)!;
  return { contention: contention(contended, told, { executions, of }) };
}

/** A bug of depth 3 takes two preemptions: more than most collisions need. */
const PCT_DEPTH = 3;

/** More writers than two, at random. */
export function probe(
  player: Player,
  task: Examination & { readonly executions?: number },
  writers: number,
  progress: Progress,
): Probing {
  const search = new Search(player, enoughFor(task), progress);
  const cast = withDrawnNames(player, castOf(task, writers));
  const { scenario, strategy, seed, shard } = task;
  const { evidence } = search.run(cast, () => pct(`${seed}/${scenario.id}/${strategy}`, PCT_DEPTH, shard), {
    ...share(task, 1),
    executions: Math.ceil((task.executions ?? limits.pctExecutions) / (shard?.count ?? 1)),
  });
  const { executions, traces, steps } = amountOf(evidence);
  const elsewhere = meetingOutside(player);
  const { findings, unrepeated } = explained(player, shownOf(search, elsewhere));
  const doubt = elsewhere ?? unrepeated ?? search.failure;
  const sessions = cast.participants.length;
  const guarantee = pctGuarantee(sessions, steps, PCT_DEPTH, executions);
  const omitted = omittedOf(player, task);
  return {
    probed: {
      ...{ depth: PCT_DEPTH, sessions, executions, traces, steps, guarantee },
      ...(omitted.length === 0 ? {} : { omitted }),
    },
    findings,
    counts: search.counts,
    effort: search.effort,
    ...contentionOf(player, search),
    ...(doubt === undefined ? {} : { doubt }),
    ...(shard === undefined ? {} : { part: evidence.seen }),
  };
}

export function castOf(
  { scenario, strategy, server }: Pick<Examination, 'scenario' | 'strategy' | 'server'>,
  writers: number,
): Cast {
  const readers = (scenario.strategies[strategy]!.read ?? scenario.read) === undefined ? 0 : 1;
  const participants = Array.from({ length: writers + readers }, (_, index) => index);
  return { scenario, strategy, writers, participants, operations: 1, ...(server === undefined ? {} : { server }) };
}

/** How many writers it takes before anything can be wrong. */
export const exploredWriters = ({ writersMin = 0 }: Scenario): number => Math.max(limits.exploredWriters, writersMin);

/** Where it is not known that anything is wrong, the first finding is one too many. */
const enoughFor =
  ({ scenario, strategy }: Examination) =>
  (found: ReadonlySet<CollisionClass>): boolean =>
    found.has('STUCK') || truthClasses(scenario.strategies[strategy]!.truth).every((kind) => found.has(kind));

/** The control: with one session, and no reader, nothing can race. What is wrong then is wrong with the writer. */
function failsAlone(player: Player, task: Examination): string | undefined {
  const alone: Cast = { ...castOf(task, 1), participants: [0] };
  player.take(alone);
  const played = player.play(stay);
  const [finding] = findingsOf(alone, played);
  if (finding !== undefined) return `even with one session: ${finding.class}, ${finding.message}`;
  const acknowledged = writesOf(played.execution).some(({ outcome }) => outcome === 'ok');
  return acknowledged ? undefined : 'even with one session no operation succeeded';
}

/**
 * Does the same schedule give the same steps? Asked once things are warm: the first execution may fill caches. In words what
 * differs, where something does: a search would then chase shadows.
 */
function unsteadiness(player: Player, warm: boolean): string | undefined {
  if (!warm) player.play(stay);
  while (player.play(stay).learned); // what is found out about loops changes what can be chosen
  const [one = [], other = []] = [player.play(stay), player.play(stay)].map(({ trace }) => stepNames(trace));
  const at = Array.from({ length: Math.max(one.length, other.length) }).findIndex(
    (_, step) => one[step] !== other[step],
  );
  if (at < 0) return undefined;
  const words = (names: readonly string[]): string => names[at] ?? 'the end';
  return `the writer is not deterministic: under one schedule, step ${at + 1} was ${words(one)}, then ${words(other)}`;
}

/** The steps of a trace, named as they are in every execution. */
export const stepNames = ({ decisions }: Trace): readonly string[] =>
  decisions.map(({ chosen }) => `session ${chosen.session}: ${nameOf(chosen.step)}`);

/** What the executions did not look at: whoever uses a server sends it one request after another. */
function omittedOf({ omitted }: Player, { scenario, strategy }: Examination): readonly Omission[] {
  const all = new Omissions();
  for (const { kind, what } of omitted) all.add(kind, what);
  const { server } = scenario.strategies[strategy]!;
  if (server !== undefined) all.add('servers', server.name);
  return all.all;
}

/** Whatever was tried of a writer that does as it likes, it was not all. */
const unexhausted = ({ preemptions: _, ...explored }: Explored): Explored => ({ ...explored, kind: 'partial' });

/** Whoever has left something out has not tried all. */
const without = (explored: Explored, omitted: readonly Omission[]): Explored =>
  omitted.length === 0 ? explored : { ...unexhausted(explored), omitted };

/**
 * Until when, as a share of the time, all interleavings are tried, where there turn out to be too many; until when those with few
 * preemptions. Where it is known that something is wrong, they are drawn at random between the two, which soon finds what takes
 * many preemptions; and the rest is for what takes some, in the right places.
 */
const SHARES = { holds: { all: 0.7, few: 1 }, breaks: { all: 0.1, any: 0.2, few: 0.6 } } as const;

/** What takes so many preemptions that no bound gets there. */
const RANDOM_DEPTH = 4;

/** Until so much of the time, and of the steps, is used up. */
const share = ({ budgetMs, steps }: Examination, of: number): Limits => ({
  untilMs: budgetMs * of,
  ...(steps === undefined ? {} : { untilSteps: Math.ceil(steps * of) }),
});

/** Others with the same share of the search have exhausted theirs as well, if it took no more than this part of the budget. */
const SURELY_EXHAUSTED = 0.25;

interface ExploredAll {
  readonly explored: Explored;
  readonly divergence?: string | undefined;
  /** Of a shard. */
  readonly part?: Searches;
}

function exploreAll(search: Search, cast: Cast, task: Examination & { readonly again: boolean }): ExploredAll {
  const { again, seed, scenario, strategy, shard } = task;
  const breaks = truthClasses(scenario.strategies[strategy]!.truth).length > 0;
  const { all: allShare, few: fewShare } = SHARES[breaks ? 'breaks' : 'holds'];
  const name = `${seed}/${scenario.id}`;
  const whole = share(task, 1);
  // What a shard has done amounts to something only together with the others.
  const amount = (
    evidence: Evidence,
    done: Omit<Searches, keyof Seen> = {},
    kind: Pick<Explored, 'kind' | 'preemptions'> = { kind: 'partial' },
  ): ExploredAll => {
    const base = { sessions: cast.participants.length, operations: cast.operations, ...amountOf(evidence) };
    return shard === undefined
      ? { explored: { ...kind, ...base } }
      : { explored: { kind: 'partial', ...base }, part: { ...evidence.seen, ...done } };
  };

  const all = search.run(cast, () => exhaustive(shard), share(task, again ? 1 : allShare));
  const { complete, divergences } = all.scheduler;
  const done = complete ? { exhaustive: { division: all.scheduler.division } } : {};
  const alone = shard === undefined || search.enough || search.usedOf(whole) < SURELY_EXHAUSTED;
  if (complete && alone) return amount(all.evidence, done, { kind: 'exhaustive' });
  const [divergence] = divergences;
  if (search.enough || again) return { ...amount(all.evidence, done), divergence };
  // Nothing can be searched in order then; what is found at random is found all the same.
  if (divergence !== undefined) {
    const any = search.run(cast, () => uniformRandom(name, shard), whole, all.evidence);
    return { ...amount(any.evidence), divergence };
  }
  if (breaks) {
    const any = search.run(cast, () => uniformRandom(name, shard), share(task, SHARES.breaks.any), all.evidence);
    if (search.enough) return amount(any.evidence, done);
  }
  const before = shard === undefined ? undefined : all.evidence;
  const some = search.run(cast, () => preemptionBounded(undefined, shard), share(task, fewShare), before);
  if (breaks && !search.enough) search.run(cast, () => pct(name, RANDOM_DEPTH, shard), whole);
  const { bound: preemptions, division, complete: finished } = some.scheduler;
  if (preemptions < 0) return amount(all.evidence, done);
  const bounded = { division, preemptions, complete: finished };
  return amount(some.evidence, { ...done, bounded }, { kind: 'bounded', preemptions });
}

const amountOf = (evidence: Evidence): Pick<Explored, 'executions' | 'traces' | 'reordered' | 'steps'> => ({
  executions: evidence.executions,
  traces: evidence.traces,
  reordered: evidence.reordered,
  steps: evidence.longest,
});

const nothing: Explored = {
  kind: 'partial',
  sessions: 1,
  operations: 1,
  executions: 0,
  traces: 0,
  reordered: 0,
  steps: 0,
};

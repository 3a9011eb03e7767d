/** The exploration of one strategy under faults: one at a time, at every step where it can happen, in the schedules that matter. */

import { type FaultPlan, noFaults } from '../faults/plan.ts';
import { modelOf } from '../faults/points.ts';
import { limits } from '../limits.ts';
import type { CollisionClass } from '../oracle/finding.ts';
import { type FaultKind, isPower, type PowerKind } from '../scenario/faults.ts';
import { type PreemptionBounded, preemptionBounded } from '../schedule/bounded.ts';
import { counting, follow, stay } from '../schedule/schedule.ts';
import type { FaultExploration, FaultSearch } from '../verdict/fault-verdict.ts';
import { freshAreGranted } from '../verdict/under-faults.ts';
import type { Cast } from './cast.ts';
import { withDrawnNames } from './drawn-names.ts';
import { castOf, type Examination, meetingOutside } from './examine.ts';
import { explain } from './explain.ts';
import { levelsOf, type Point, plansFor, type Undisturbed, VICTIM } from './fault-plans.ts';
import { CopyRefused, SessionLost } from './lost.ts';
import type { Played, Player } from './player.ts';
import { searchPower } from './power.ts';
import type { UpsetTask } from './protocol.ts';
import { Search } from './search.ts';
import { parseWitness, sessionsIn } from './witness.ts';

export interface Upsetting extends Examination, Pick<UpsetTask, 'kinds' | 'faults' | 'preemptions'> {}

/**
 * Every kind of fault gets a share of the time that is left; within it, all faults come first with nobody beside, then in all
 * schedules without preemptions, then in those with one, and so on.
 *
 * @throws {SessionLost} and {Interrupted}.
 */
export function upset(player: Player, task: Upsetting, progress: (executions: number) => void): FaultExploration {
  const began = performance.now();
  const leftMs = (): number => task.budgetMs - (performance.now() - began);
  let cast = withDrawnNames(player, castUnderFaults(task));
  let { undisturbed, broken } = observe(player, cast, task.budgetMs * OBSERVING_SHARE, progress);
  // Of what collides by itself, with a reader already, it is asked what becomes of the writer.
  if (broken !== undefined && task.scenario.strategies[task.strategy]!.truth !== 'SAFE') {
    cast = { ...cast, participants: cast.participants.filter((index) => index < cast.writers) };
    ({ undisturbed, broken } = observe(player, cast, task.budgetMs * OBSERVING_SHARE, progress));
  }
  if (broken !== undefined) return { broken, searches: [] };
  cast = { ...cast, freshAreGranted: undisturbed.freshAreGranted };
  const searches = task.kinds.map((kind, at): FaultSearch => {
    const weights = task.kinds.slice(at).reduce((sum, each) => sum + WEIGHTS[each], 0);
    const budgetMs = (leftMs() * WEIGHTS[kind]) / weights;
    try {
      if (isPower(kind)) return searchPower(player, cast, modelOf[kind], budgetMs, progress);
      return searchFor(player, cast, kind, undisturbed, { ...task, budgetMs }, progress);
    } catch (error) {
      if (!(error instanceof SessionLost) && !(error instanceof CopyRefused)) throw error;
      player.renew(); // they are in the middle of something
      if (error instanceof CopyRefused) return { ...nothing(kind), untried: error.message };
      return { ...nothing(kind), doubt: error.message };
    }
  });
  const elsewhere = meetingOutside(player);
  return { searches: elsewhere === undefined ? searches : searches.map((search) => ({ ...search, doubt: elsewhere })) };
}

const nothing = (kind: FaultKind): FaultSearch => ({ kind, findings: [], points: 0, executions: 0, extent: 'none' });

/** How the time is shared out: what is killed has to be made anew, and there are many errors. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  crash: 5,
  errno: 3,
  full: 1,
  short: 1,
  stall: 2,
  clock: 1,
  pids: 1,
  server: 1,
  'power-posix': 3,
  'power-ext4': 2,
};

/**
 * One writer that something happens to, one beside it where two of them are SAFE, and one that comes when all is over; where several
 * come then, these are what matters, and nobody is beside.
 */
export function castUnderFaults(task: Pick<Upsetting, 'scenario' | 'strategy' | 'server'>): Cast {
  const { scenario, strategy } = task;
  const { truth, freshSessions = 1 } = scenario.strategies[strategy]!;
  const before = truth === 'SAFE' && freshSessions === 1 ? 2 : 1;
  const { writersMax = Number.POSITIVE_INFINITY } = scenario;
  const writers = Math.max(2, Math.min(before + freshSessions, writersMax));
  return { ...castOf(task, writers), recoverers: Math.min(freshSessions, writers - 1), faults: noFaults };
}

/** How many sessions that takes at once. */
export function sessionsUnderFaults(task: Pick<Upsetting, 'scenario' | 'strategy' | 'server' | 'kinds'>): number {
  const { underFaults = {} } = task.scenario.strategies[task.strategy]!;
  const shown = task.kinds.flatMap((kind) => underFaults[kind]?.shownBy ?? []);
  const needed = shown.map((witness) => sessionsIn(parseWitness(witness).schedule).length);
  return Math.max(castUnderFaults(task).participants.length, ...needed);
}

/** All that write in such an execution, where nothing else is said and the scenario has room for them. */
export const FAULTY_WRITERS = 3;

/** The steps that the victim makes in some schedule or other, and whether it ever asks what time it is. */
function observe(
  player: Player,
  cast: Cast,
  budgetMs: number,
  progress: (executions: number) => void,
): { readonly undisturbed: Undisturbed; readonly broken?: string } {
  player.take(cast);
  player.play(stay); // fills whatever caches there are
  const points = new Map<string, Point>();
  let asksClock = false;
  let freshGranted = true;
  const ends = new Set<string>();
  const search = new Search(player, () => true, progress, {
    recorded: true,
    see: (played) => {
      freshGranted &&= freshAreGranted(played.execution);
      asksClock ||= player.clocksAsked(VICTIM) > 0;
      const repeated = repeatedIn(played);
      const steps = played.execution.steps!;
      const last = steps.findLastIndex(({ session }) => session === VICTIM);
      const count = counting();
      for (const [at, step] of steps.entries()) {
        if (step.session !== VICTIM) continue;
        const name = count.nameOf(step);
        count.add(step);
        const key = JSON.stringify(name);
        if (at === last) ends.add(key);
        if (!points.has(key) && !repeated.has(at)) points.set(key, { name, step, last: false });
      }
    },
  });
  const { scheduler } = search.run(cast, () => preemptionBounded(OBSERVED_PREEMPTIONS), {
    untilMs: budgetMs,
    executions: limits.observedExecutions,
  });
  const [sighting] = search.sightings;
  const all = [...points].map(([key, point]) => ({ ...point, last: ends.has(key) }));
  const hasServer = cast.server !== undefined;
  const partial = !isWhole(scheduler, OBSERVED_PREEMPTIONS);
  const undisturbed = { points: all, asksClock, hasServer, freshAreGranted: freshGranted, partial };
  if (sighting === undefined) return { undisturbed };
  return { undisturbed, broken: `without any fault: ${sighting.kind}, ${sighting.message}` };
}

const OBSERVED_PREEMPTIONS = 1;
const OBSERVING_SHARE = 0.25;

/** Indexes of the steps that are made over and over until the others are outwaited: one is like the other. */
function repeatedIn({ trace, begins, execution }: Played): ReadonlySet<number> {
  const ends = [...begins.slice(1), execution.steps!.length];
  return new Set(
    trace.decisions.flatMap(({ chosen }, at) =>
      chosen.outwait ? Array.from({ length: ends[at]! - begins[at]! }, (_, step) => begins[at]! + step) : [],
    ),
  );
}

function searchFor(
  player: Player,
  cast: Cast,
  kind: Exclude<FaultKind, PowerKind>,
  undisturbed: Undisturbed,
  task: Upsetting,
  progress: (executions: number) => void,
): FaultSearch {
  const { plans, inapplicable, untried } = plansFor(kind, cast, undisturbed, task.faults);
  if (untried !== undefined) return { ...nothing(kind), untried };
  if (plans.length === 0) {
    return { ...nothing(kind), inapplicable: inapplicable ?? 'none of its steps can fail like that' };
  }
  const { truth = [], shownBy } = task.scenario.strategies[task.strategy]!.underFaults?.[kind] ?? {};
  // Where it is known what is wrong, that is enough.
  const enough = (found: ReadonlySet<CollisionClass>): boolean =>
    truth.length > 0 && truth.every((each) => found.has(each));
  /** Faults that came about. */
  const made = new Set<FaultPlan>();
  let planned: FaultPlan | undefined;
  const see = ({ unspent }: Played): void => {
    if (planned !== undefined && unspent.length === 0) made.add(planned);
  };
  const search = new Search(player, enough, progress, { recorded: false, see });
  let known: Cast | undefined;
  if (shownBy !== undefined) {
    const { schedule, ...witness } = parseWitness(shownBy);
    known = { ...cast, ...witness, strategy: task.strategy, participants: sessionsIn(schedule) };
    search.play(
      known,
      follow(schedule, stay, () => {}),
    );
  }
  let extent: FaultSearch['extent'] = 'none';
  let divergence: string | undefined;
  /** Faults that were tried in all schedules of the first level. */
  let sample = 0;
  const levels = levelsOf(cast, kind, task.preemptions);
  for (const level of levels) {
    const wholes = plans.map((faults): boolean => {
      if (search.enough || search.elapsedMs > task.budgetMs) return false;
      planned = faults;
      const schedules = (): PreemptionBounded => preemptionBounded(level.preemptions);
      const played = { ...cast, participants: level.participants, faults };
      const { scheduler } = search.run(played, schedules, { untilMs: task.budgetMs });
      divergence ??= scheduler.divergences[0];
      return isWhole(scheduler, level.preemptions);
    });
    // Where an execution did not repeat, more of them may show something all the same.
    if (wholes.every(Boolean)) extent = level.extent;
    if (level === levels[0]) sample = plans.filter((plan, at) => wholes[at] && made.has(plan)).length;
    if (search.enough || search.elapsedMs > task.budgetMs) break;
  }
  const isSample = extent === 'none' && sample >= limits.faultsSampled;
  return {
    kind,
    findings: search.sightings.map((sighting) => explain(player, sighting, sighting.cast === known)),
    points: isSample ? sample : made.size,
    executions: search.effort.executions,
    extent: isSample ? levels[0]!.extent : extent,
    ...(undisturbed.partial || isSample ? { partial: true } : {}),
    ...(extent === 'none' && !isSample && divergence !== undefined ? { doubt: doubtOf(divergence) } : {}),
  };
}

/** Has every schedule with at most so many preemptions been tried? */
const isWhole = ({ bound, complete }: PreemptionBounded, preemptions: number): boolean =>
  complete || bound >= preemptions;

const doubtOf = (divergence: string): string => `a schedule could not be repeated: ${divergence}`;

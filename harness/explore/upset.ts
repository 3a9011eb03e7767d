/** The exploration of one strategy under faults: one at a time, at every step where it can happen, in the schedules that matter. */

import { type FaultPlan, noFaults } from '../faults/plan.ts';
import { faultsAt, type StepFaultKind } from '../faults/points.ts';
import type { Step } from '../history/step.ts';
import { limits } from '../limits.ts';
import type { FaultKind } from '../scenario/faults.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { preemptionBounded } from '../schedule/bounded.ts';
import { counting, type StepName, stay } from '../schedule/schedule.ts';
import type { FaultExploration, FaultSearch } from '../verdict/fault-verdict.ts';
import type { Cast } from './cast.ts';
import { withDrawnNames } from './drawn-names.ts';
import { castOf, type Examination } from './examine.ts';
import { explain } from './explain.ts';
import type { Player } from './player.ts';
import { Search } from './search.ts';

export interface Upsetting extends Examination {
  readonly kinds: readonly FaultKind[];
  /** Faults in one execution: 1, or 2 for pairs. */
  readonly faults: number;
  readonly preemptions: number;
}

/** A step of the session that something happens to. */
interface Point {
  readonly name: StepName;
  readonly step: Step;
  /** The last that it makes. */
  readonly last: boolean;
}

/** What was found out without any fault. */
interface Undisturbed {
  readonly points: readonly Point[];
  readonly asksClock: boolean;
  readonly hasServer: boolean;
}

/** The session that something happens to. */
const VICTIM = 0;

/**
 * Every kind of fault gets a share of the time that is left; within it, all faults without preemptions come first, then
 * all with one, and so on.
 *
 * @throws {SessionLost} and {Interrupted}.
 */
export function upset(player: Player, task: Upsetting, progress: (executions: number) => void): FaultExploration {
  const began = performance.now();
  const leftMs = (): number => task.budgetMs - (performance.now() - began);
  const cast = withDrawnNames(player, castUnderFaults(task));
  const { undisturbed, broken } = observe(player, cast, progress);
  if (broken !== undefined) return { broken, searches: [] };
  const searches = task.kinds.map((kind, at) => {
    const weights = task.kinds.slice(at).reduce((sum, each) => sum + WEIGHTS[each], 0);
    const share = (leftMs() * WEIGHTS[kind]) / weights;
    return searchFor(player, cast, kind, undisturbed, { ...task, budgetMs: share }, progress);
  });
  return { searches };
}

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
  power: 4,
};

/** One writer that something happens to, another one beside it where two of them are SAFE, and one that comes when all is over. */
export function castUnderFaults(task: Pick<Upsetting, 'scenario' | 'strategy' | 'server'>): Cast {
  const { scenario, strategy } = task;
  const beside = scenario.strategies[strategy]!.truth === 'SAFE' ? 2 : 1;
  const cast = castOf(task, Math.max(2, Math.min(beside + RECOVERERS, writersMax(scenario))));
  return { ...cast, recoverers: RECOVERERS, faults: noFaults };
}

const RECOVERERS = 1;

const writersMax = ({ writersMax = Number.POSITIVE_INFINITY }: Scenario): number => writersMax;

/** The steps that the victim makes in some schedule or other, and whether it ever asks what time it is. */
function observe(
  player: Player,
  cast: Cast,
  progress: (executions: number) => void,
): { readonly undisturbed: Undisturbed; readonly broken?: string } {
  player.take(cast);
  player.play(stay); // fills whatever caches there are
  const points = new Map<string, Point>();
  let asksClock = false;
  let ends = new Set<string>();
  const search = new Search(
    player,
    () => true,
    progress,
    (played) => {
      asksClock ||= player.clocksAsked(VICTIM) > 0;
      // What is done over and over until the others are outwaited would be as many steps.
      if (played.trace.decisions.some(({ chosen }) => chosen.outwait)) return;
      const steps = played.execution.steps!.filter(({ session }) => session === VICTIM);
      const count = counting();
      for (const [at, step] of steps.entries()) {
        const name = count.nameOf(step);
        count.add(step);
        const key = JSON.stringify(name);
        if (at === steps.length - 1) ends = ends.add(key);
        if (!points.has(key)) points.set(key, { name, step, last: false });
      }
    },
  );
  search.run(cast, () => preemptionBounded(OBSERVED_PREEMPTIONS), {
    untilMs: Number.POSITIVE_INFINITY,
    executions: limits.observedExecutions,
  });
  const [sighting] = search.sightings;
  const all = [...points].map(([key, point]) => ({ ...point, last: ends.has(key) }));
  const undisturbed = { points: all, asksClock, hasServer: cast.server !== undefined };
  if (sighting === undefined) return { undisturbed };
  return { undisturbed, broken: `without any fault: ${sighting.kind}, ${sighting.message}` };
}

const OBSERVED_PREEMPTIONS = 1;

function searchFor(
  player: Player,
  cast: Cast,
  kind: FaultKind,
  undisturbed: Undisturbed,
  task: Upsetting,
  progress: (executions: number) => void,
): FaultSearch {
  const { plans, inapplicable } = plansFor(kind, undisturbed, task.faults);
  const nothing = { kind, findings: [], points: 0, executions: 0, preemptions: -1 };
  if (plans.length === 0) return { ...nothing, inapplicable: inapplicable ?? 'no step can fail like that' };
  const search = new Search(player, () => false, progress);
  let preemptions = -1;
  for (let bound = 0; bound <= task.preemptions && preemptions === bound - 1; bound++) {
    const done = plans.every((faults) => {
      if (search.elapsedMs > task.budgetMs) return false;
      search.run({ ...cast, faults }, () => preemptionBounded(bound), { untilMs: task.budgetMs });
      return search.elapsedMs <= task.budgetMs;
    });
    if (done) preemptions = bound;
  }
  return {
    kind,
    findings: search.sightings.map((sighting) => explain(player, sighting)),
    points: plans.length,
    executions: search.effort.executions,
    preemptions,
  };
}

/** All plans with one fault of a kind; with two, pairs of it with any later one of the same kind. */
function plansFor(
  kind: FaultKind,
  { points, asksClock, hasServer }: Undisturbed,
  faults: number,
): { readonly plans: readonly FaultPlan[]; readonly inapplicable?: string } {
  if (kind === 'pids') return { plans: [{ injections: [], surroundings: ['same-pids'] }] };
  if (kind === 'power') return { plans: [] };
  if (kind === 'clock' && !asksClock) return { plans: [], inapplicable: 'it does not look at the clock' };
  if (kind === 'server' && !hasServer) return { plans: [], inapplicable: 'it talks to no server' };
  const single = points.flatMap(({ name, step, last }) =>
    faultsAt(step, kind satisfies StepFaultKind, last).map((fault) => ({ session: VICTIM, step: name, fault })),
  );
  const plans = single.map((injection): FaultPlan => ({ injections: [injection], surroundings: [] }));
  const pairs =
    faults < 2 ? [] : single.flatMap((one, at) => single.slice(at + 1).map((other) => [one, other] as const));
  const around: readonly FaultPlan[] = kind === 'clock' ? [{ injections: [], surroundings: ['same-time'] }] : [];
  return {
    plans: [...plans, ...pairs.map((injections): FaultPlan => ({ injections, surroundings: [] })), ...around],
  };
}

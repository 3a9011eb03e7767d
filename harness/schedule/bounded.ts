import { dependent, type Step } from '../history/step.ts';
import { again, type Planned, planned } from './alternative.ts';
import { stay } from './schedule.ts';
import type { Candidate, Choice, Choose, Decision, Scheduler, Trace } from './scheduler.ts';
import { Division, isOwn, type Shard } from './shard.ts';

export interface PreemptionBounded extends Scheduler {
  /** All schedules with at most so many preemptions have been tried. -1: not even those without any. */
  readonly bound: number;
  /** The search came to its end, and no schedule was left out: not even one with more preemptions. */
  readonly complete: boolean;
  /** In words, each once: where an execution did not repeat. From there on the bound does not rise. */
  readonly divergences: readonly string[];
  /** Of a shard: the same for all that have divided the search alike. */
  readonly division: string;
}

/** The beginning of a schedule, of which the rest is `stay`: its last decision, and what came before it. */
interface Beginning extends Planned {
  readonly before: Beginning | undefined;
  readonly preemptions: number;
}

/**
 * First all schedules without a preemption, then those with one, then with two, and so on up to `max`: most bugs need few
 * (Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007,
 * algorithm 1). Each schedule is tried once.
 *
 * A session is not preempted where nobody cares: before a step that is independent of all that other sessions were ever about
 * to do. It may as well be preempted after that step, at the same cost, with the same result. Such preemptions are put off
 * until someone does care.
 *
 * Shards deal out what could have been decided otherwise in the first execution. Of that, nothing is put off: whoever cares may be
 * seen by another shard only.
 */
export function preemptionBounded(max = Number.POSITIVE_INFINITY, shard?: Shard): PreemptionBounded {
  const divergences = new Set<string>();
  let division = new Division();
  let bound = -1;
  let complete = false;

  function* explore(): Generator<Choose, void, Trace> {
    /** What to try next, by the number of preemptions. */
    const work: (Beginning | undefined)[][] = [[undefined]];
    const add = (beginning: Beginning): void => {
      work[beginning.preemptions] ??= [];
      work[beginning.preemptions]!.push(beginning);
    };
    const cares = interests(add);
    const own = (beginning: Beginning): void => {
      if (isOwn(division.add(`${lengthOf(beginning)} ${beginning.who} ${beginning.what}`), shard)) add(beginning);
    };
    const all: Interests = { saw: cares.saw, when: (_, beginning) => own(beginning) };
    divergences.clear();
    division = new Division();
    bound = -1;
    complete = false;
    for (;;) {
      const preemptions = work.findIndex((beginnings) => beginnings !== undefined && beginnings.length > 0);
      if (divergences.size === 0) bound = Math.max(bound, preemptions === -1 ? work.length - 1 : preemptions - 1);
      if (preemptions === -1 || preemptions > max) break;
      const beginning = work[preemptions]!.pop();
      const trace = yield repeating(beginning, (message) => divergences.add(message));
      if (shard !== undefined && beginning === undefined) branch(beginning, trace, all, own);
      else branch(beginning, trace, cares, add);
    }
    complete = divergences.size === 0 && work.every((beginnings) => beginnings.length === 0);
  }

  return {
    name: 'preemption-bounded',
    explore,
    get bound() {
      return bound;
    },
    get complete() {
      return complete;
    },
    get divergences() {
      return [...divergences];
    },
    get division() {
      return division.digest;
    },
  };
}

/** Makes the decisions of a beginning again, and then preempts nobody. */
function repeating(beginning: Beginning | undefined, diverged: (message: string) => void): Choose {
  const plan: Planned[] = [];
  for (let one = beginning; one; one = one.before) plan.unshift(one);
  let at = 0;
  let lost = false;
  return (choice) => {
    const next = plan[at++];
    if (lost || !next) return lost ? undefined : stay(choice);
    const chosen = again(choice, next, (message) => diverged(`decision ${at}: ${message}`));
    lost = chosen === undefined;
    return chosen;
  };
}

/** Adds all that could have been decided otherwise after the beginning; nothing where it could not be repeated. */
function branch(
  beginning: Beginning | undefined,
  { decisions, stuck }: Trace,
  cares: Interests,
  add: (beginning: Beginning) => void,
): void {
  for (const { enabled, blocked } of decisions) for (const candidate of [...enabled, ...blocked]) cares.saw(candidate);
  for (const candidate of stuck) cares.saw(candidate);
  const preemptions = beginning?.preemptions ?? 0;
  let before = beginning;
  for (let at = lengthOf(beginning); at < decisions.length; at++) {
    const decision = decisions[at]!;
    const running = runningAt(decision, decisions[at - 1]);
    for (const other of decision.enabled) {
      if (other === decision.chosen) continue;
      const isPreemption = running !== undefined && other !== running;
      const otherwise = { ...planned(other), before, preemptions: preemptions + (isPreemption ? 1 : 0) };
      if (isPreemption) cares.when(running.step, otherwise);
      else add(otherwise);
    }
    before = { ...planned(decision.chosen), before, preemptions };
  }
}

function lengthOf(beginning: Beginning | undefined): number {
  let length = 0;
  for (let one = beginning; one; one = one.before) length++;
  return length;
}

/** Who ran last, if it can go on: whoever is chosen instead preempts it. A session that waits in a loop is not preempted. */
const runningAt = ({ enabled }: Choice, last: Decision | undefined): Candidate | undefined =>
  enabled.find(({ session, outwait }) => session === last?.chosen.session && !outwait);

interface Interests {
  /** A session was about to do this. */
  saw(candidate: Candidate): void;
  /** Adds the beginning as soon as someone other than the session of `step` is known to do what depends on that step. */
  when(step: Step, beginning: Beginning): void;
}

function interests(add: (beginning: Beginning) => void): Interests {
  const seen = new Map<string, Step>();
  const putOff = new Map<string, { readonly step: Step; readonly beginnings: Beginning[] }>();
  const matters = (step: Step, other: Step): boolean => step.session !== other.session && dependent(step, other);
  const kindOf = ({ session, accesses }: Step): string => JSON.stringify([session, accesses]);
  return {
    saw: ({ step, outwait }) => {
      // Who outwaits the others depends on all that they do.
      const { accesses, ...rest } = step;
      const kind = outwait || !accesses ? rest : { ...rest, accesses };
      if (seen.has(kindOf(kind))) return;
      seen.set(kindOf(kind), kind);
      for (const [key, { step, beginnings }] of putOff) {
        if (!matters(step, kind)) continue;
        putOff.delete(key);
        beginnings.forEach(add);
      }
    },
    when: (step, beginning) => {
      if ([...seen.values()].some((other) => matters(step, other))) return add(beginning);
      const key = kindOf(step);
      const waiting = putOff.get(key) ?? { step, beginnings: [] };
      waiting.beginnings.push(beginning);
      putOff.set(key, waiting);
    },
  };
}

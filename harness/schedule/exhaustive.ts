import { again, alternative, nameOf, pendingAt, planned } from './alternative.ts';
import { type Clock, depends, reversals } from './races.ts';
import type { Candidate, Choice, Choose, Scheduler, Trace } from './scheduler.ts';
import { Division, isOwn, type Shard } from './shard.ts';

export interface Exhaustive extends Scheduler {
  /** The search came to its end and nothing diverged: every possible execution is equivalent to one that was run. */
  readonly complete: boolean;
  /** Executions that were given up because all that they could still lead to had been seen. */
  readonly redundant: number;
  /** In words, each once: where an execution did not repeat, or a step did what its accesses deny. */
  readonly divergences: readonly string[];
  /** Of a shard: the same for all that have divided the search alike. */
  readonly division: string;
}

/** One decision of the execution at hand, and what is known about the other ways it could go. */
interface Frame {
  enabled: readonly Candidate[];
  blocked: readonly Candidate[];
  chosen: Candidate;
  /** Alternatives that lead to nothing new, until a step is made that theirs depends on. */
  readonly asleep: ReadonlySet<string>;
  /** Alternatives to explore, and those of them that have been. */
  readonly todo: Set<string>;
  readonly done: Set<string>;
  /** Of a shard: how many decisions up to this one had alternatives, up to the end of the trunk. */
  readonly forks: number;
}

/**
 * Decisions with alternatives at which shards divide the search. Up to there all of them try everything that does not sleep, and so
 * walk the same trunk, and the branches that grow from it are dealt out. Which of them sleep, a shard knows without having searched
 * those before: it follows from the steps of the trunk. More decisions make more branches, and shares that are more equal, and cost
 * an execution for each branch of the others.
 */
const trunkForks = ({ count }: Shard): number => Math.ceil(Math.log2(count * 8));

/**
 * One execution of every class of executions that differ only in the order of steps that commute: a depth-first search that
 * stores no states, with source sets and sleep sets (Abdulla, Aronis, Jonsson and Sagonas, "Source Sets: A Foundation for
 * Optimal Dynamic Partial Order Reduction", JACM 2017).
 *
 * A shard of it searches one part.
 *
 * Two departures, because steps may block. What races: see `reversals`. And where: in redundant executions too, and among those
 * who are blocked at their end, because some races show up nowhere else.
 */
export function exhaustive(shard?: Shard): Exhaustive {
  const divergences = new Set<string>();
  let division = new Division();
  let complete = false;
  let redundant = 0;

  function* explore(): Generator<Choose, void, Trace> {
    const frames: Frame[] = [];
    const clocks: Clock[] = [];
    complete = false;
    redundant = 0;
    divergences.clear();
    division = new Division();
    const trunk = shard && { shard, division, forks: trunkForks(shard) };
    do {
      const execution = executing(frames, (message) => divergences.add(message), trunk);
      const { stuck } = yield execution.choose;
      const { givenUp } = execution;
      if (givenUp?.redundant) redundant++;
      for (const { at, starts } of reversals(frames, givenUp?.blocked ?? stuck, clocks)) {
        const { todo, asleep } = frames[at]!;
        if (!starts.some((start) => todo.has(start) || asleep.has(start))) todo.add(starts.at(-1)!);
      }
      backtrack(frames);
      // The last decision that is left will be another one from now on.
      clocks.length = Math.max(0, Math.min(clocks.length, frames.length - 1));
    } while (frames.length > 0);
    complete = divergences.size === 0;
  }

  return {
    name: 'exhaustive',
    explore,
    get complete() {
      return complete;
    },
    get redundant() {
      return redundant;
    },
    get divergences() {
      return [...divergences];
    },
    get division() {
      return division.digest;
    },
  };
}

interface Trunk {
  readonly shard: Shard;
  readonly division: Division;
  readonly forks: number;
}

interface Executing {
  readonly choose: Choose;
  /** Set where an execution was given up: was it redundant, or did it diverge, and who was blocked there? */
  readonly givenUp: { readonly redundant: boolean; readonly blocked: readonly Candidate[] } | undefined;
}

/** An execution that repeats the decisions of `frames`, and adds those that follow. */
function executing(frames: Frame[], diverged: (message: string) => void, trunk?: Trunk): Executing {
  let at = 0;
  let givenUp: Executing['givenUp'];
  return {
    choose: (choice) => {
      if (givenUp) return undefined;
      const isRepeated = at < frames.length;
      const chosen = isRepeated ? repeated(frames[at]!, choice) : added(choice);
      if (!chosen) givenUp = { redundant: !isRepeated, blocked: isRepeated ? [] : choice.blocked };
      at++;
      return chosen;
    },
    get givenUp() {
      return givenUp;
    },
  };

  function repeated(frame: Frame, choice: Choice): Candidate | undefined {
    const chosen = again(choice, planned(frame.chosen), (message) => diverged(`decision ${at + 1}: ${message}`));
    if (chosen) Object.assign(frame, choice, { chosen });
    return chosen;
  }

  function added(choice: Choice): Candidate | undefined {
    const before = frames.at(-1);
    if (before) for (const message of undeclared(before, choice)) diverged(`decision ${at}: ${message}`);
    if (trunk && before && endsTrunk(before, frames.at(-2), trunk)) {
      const branch = frames.map(({ chosen }) => alternative(chosen)).join();
      if (!isOwn(trunk.division.add(branch), trunk.shard)) return undefined;
    }
    const asleep = before ? stillAsleep(before, choice) : new Set<string>();
    const awake = choice.enabled.filter((candidate) => !asleep.has(alternative(candidate)));
    const chosen = awake.find(({ outwait }) => !outwait) ?? awake[0];
    // To outwait the others is no reversal of a race, and so explored wherever it is possible.
    const isTrunk = trunk !== undefined && (before?.forks ?? 0) < trunk.forks;
    const tried = awake.filter((candidate) => candidate === chosen || candidate.outwait || isTrunk);
    const forks = (before?.forks ?? 0) + (isTrunk && awake.length > 1 ? 1 : 0);
    if (chosen)
      frames.push({ ...choice, chosen, asleep, todo: new Set(tried.map(alternative)), done: new Set(), forks });
    return chosen;
  }
}

/** Does a branch begin after this decision? */
const endsTrunk = ({ forks }: Frame, before: Frame | undefined, trunk: Trunk): boolean =>
  forks === trunk.forks && (before?.forks ?? 0) < forks;

/** Who sleeps after a decision: who slept or was explored there, and does not depend on what was chosen. */
function stillAsleep({ enabled, asleep, done, chosen }: Frame, now: Choice): ReadonlySet<string> {
  const quiet = enabled
    .filter((candidate) => asleep.has(alternative(candidate)) || done.has(alternative(candidate)))
    .filter((candidate) => !depends(chosen, candidate))
    .map(alternative);
  return new Set(now.enabled.map(alternative).filter((name) => quiet.includes(name)));
}

/** Turns to the last alternative that is left to explore. Without any, no frames remain. */
function backtrack(frames: Frame[]): void {
  for (let frame = frames.at(-1); frame; frames.pop(), frame = frames.at(-1)) {
    const { todo, done, enabled } = frame;
    done.add(alternative(frame.chosen));
    const next = enabled.find((candidate) => todo.has(alternative(candidate)) && !done.has(alternative(candidate)));
    if (!next) continue;
    frame.chosen = next;
    return;
  }
}

/**
 * The search relies on accesses: a step must not change what another session can do next if they say that it does not matter
 * to it. Where one does, an interleaving may have been missed.
 */
function* undeclared(before: Frame, now: Choice): Generator<string> {
  for (const state of ['enabled', 'blocked'] as const) {
    for (const candidate of before[state]) {
      if (candidate.outwait || candidate.session === before.chosen.session || depends(before.chosen, candidate))
        continue;
      const after = pendingAt(now, candidate.session);
      if (after && now[state].includes(after) && nameOf(after.step) === nameOf(candidate.step)) continue;
      yield `${nameOf(before.chosen.step)} of session ${before.chosen.session} changed whether session ${candidate.session} can ` +
        `${nameOf(candidate.step)}, though by their accesses they have nothing to do with each other`;
    }
  }
}

import { again, alternative, nameOf, pendingAt, planned } from './alternative.ts';
import { type Clock, depends, reversals } from './races.ts';
import type { Candidate, Choice, Choose, Scheduler, Trace } from './scheduler.ts';

export interface Exhaustive extends Scheduler {
  /** The search came to its end and nothing diverged: every possible execution is equivalent to one that was run. */
  readonly complete: boolean;
  /** Executions that were given up because all that they could still lead to had been seen. */
  readonly redundant: number;
  /** In words, each once: where an execution did not repeat, or a step did what its accesses deny. */
  readonly divergences: readonly string[];
}

/** One decision of the execution at hand, and what is known about the other ways it could go. */
interface Frame {
  enabled: readonly Candidate[];
  blocked: readonly Candidate[];
  chosen: Candidate;
  /** Alternatives that lead to nothing new, until a step is made that theirs depends on. */
  readonly asleep: ReadonlySet<string>;
  /** Alternatives to explore, and those explored; each with the way to go on from there. */
  readonly todo: Map<string, readonly string[]>;
  readonly done: Set<string>;
}

/**
 * One execution of every class of executions that differ only in the order of steps that commute: a depth-first search that
 * stores no states, with source sets and sleep sets (Abdulla, Aronis, Jonsson and Sagonas, "Source Sets: A Foundation for
 * Optimal Dynamic Partial Order Reduction", JACM 2017).
 *
 * Three departures. Steps may block: see `reversals`. Races are looked for in redundant executions too, among what is blocked
 * at their end as well, because some show up nowhere else. And an alternative is explored along the way that made it one, so
 * that whoever sleeps is soon woken: a wakeup tree of one branch, which costs nothing and spares most redundant executions.
 */
export function exhaustive(): Exhaustive {
  const divergences = new Set<string>();
  let complete = false;
  let redundant = 0;

  function* explore(): Generator<Choose, void, Trace> {
    const frames: Frame[] = [];
    const clocks: Clock[] = [];
    complete = false;
    redundant = 0;
    divergences.clear();
    let way: readonly string[] | undefined = [];
    while (way) {
      const execution = executing(frames, way, (message) => divergences.add(message));
      const { stuck } = yield execution.choose;
      const { end, held } = execution.outcome();
      if (end === 'redundant') redundant++;
      if (end !== 'diverged') {
        for (const { at, starts, way } of reversals(frames, held ?? stuck, clocks)) plan(frames[at]!, starts, way);
      }
      way = backtrack(frames);
      // The last decision left will be another one from now on.
      clocks.length = Math.max(0, Math.min(clocks.length, frames.length - 1));
    }
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
  };
}

interface Outcome {
  readonly end: 'reached' | 'redundant' | 'diverged';
  /** Who was blocked where a redundant execution was given up. */
  readonly held?: readonly Candidate[];
}

/** An execution that repeats the decisions of `frames`, and then goes on along `way` as far as it can. */
function executing(
  frames: Frame[],
  way: readonly string[],
  diverged: (message: string) => void,
): { readonly choose: Choose; readonly outcome: () => Outcome } {
  const ahead = [...way];
  let at = 0;
  let outcome: Outcome = { end: 'reached' };

  const choose: Choose = (choice) => {
    if (outcome.end !== 'reached') return undefined;
    const chosen = at < frames.length ? repeated(frames[at]!, choice) : added(choice);
    at++;
    return chosen;
  };
  return { choose, outcome: () => outcome };

  function repeated(frame: Frame, choice: Choice): Candidate | undefined {
    const chosen = again(choice, planned(frame.chosen), (message) => diverged(`decision ${at + 1}: ${message}`));
    if (chosen) Object.assign(frame, choice, { chosen });
    else outcome = { end: 'diverged' };
    return chosen;
  }

  function added(choice: Choice): Candidate | undefined {
    const before = frames.at(-1);
    if (before) for (const message of undeclared(before, choice)) diverged(`decision ${at}: ${message}`);
    const asleep = before ? stillAsleep(before, choice) : new Set<string>();
    const awake = choice.enabled.filter((candidate) => !asleep.has(alternative(candidate)));
    const next = ahead.shift();
    const chosen =
      awake.find((candidate) => alternative(candidate) === next) ??
      awake.find((candidate) => !candidate.outwait) ??
      awake[0];
    if (!chosen) {
      outcome = { end: 'redundant', held: choice.blocked };
      return undefined;
    }
    // No race leads to outwaiting, which is a race with everything: it is explored wherever it is possible.
    const todo = [chosen, ...awake.filter(({ outwait }) => outwait)].map(
      (candidate) => [alternative(candidate), []] as const,
    );
    frames.push({ ...choice, chosen, asleep, todo: new Map(todo), done: new Set() });
    return chosen;
  }
}

/** Who sleeps after a decision: who slept or was explored there, and does not depend on what was chosen. */
function stillAsleep({ enabled, asleep, done, chosen }: Frame, now: Choice): ReadonlySet<string> {
  const quiet = enabled
    .filter((candidate) => asleep.has(alternative(candidate)) || done.has(alternative(candidate)))
    .filter((candidate) => !depends(chosen, candidate))
    .map(alternative);
  return new Set(now.enabled.map(alternative).filter((name) => quiet.includes(name)));
}

/** A race can be reversed by any of `starts`: is one of them planned or known to lead to nothing new? */
function plan({ todo, asleep }: Frame, starts: readonly string[], way: readonly string[]): void {
  if (starts.some((start) => todo.has(start) || asleep.has(start))) return;
  const start = starts[0]!;
  todo.set(start, way.toSpliced(way.indexOf(start), 1));
}

/** Turns to the last alternative that is left to explore, and says how to go on from there. Undefined: nothing is left. */
function backtrack(frames: Frame[]): readonly string[] | undefined {
  for (let frame = frames.at(-1); frame; frames.pop(), frame = frames.at(-1)) {
    const { todo, done, asleep, enabled } = frame;
    done.add(alternative(frame.chosen));
    const next = [...todo.keys()].find((name) => !done.has(name) && !asleep.has(name));
    if (next === undefined) continue;
    frame.chosen = enabled.find((candidate) => alternative(candidate) === next)!;
    return todo.get(next)!;
  }
  return undefined;
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

import { dependent, type Step } from '../history/step.ts';
import { stay } from '../schedule/schedule.ts';
import type { Candidate, Choice, Choose, Decision } from '../schedule/scheduler.ts';
import type { CriticalPair } from '../verdict/verdict.ts';

/**
 * The pair of conflicting steps whose order decides: each pair is turned round, the closest first, by letting the second one's
 * session go on up to it before the first; the pair is critical if the finding is gone then. Where a session can't go on, several pairs
 * lead to one execution, which is played once. Of several critical ones the closest whose steps are told something else the other way
 * round: that a file is looked at now and then may decide as well, and explains nothing.
 *
 * @param shows plays an execution under these choices: is the finding still there?
 * @param differs are these two steps told something else in the execution that was played last?
 * @returns indexes of decisions.
 */
export function criticalPair(
  decisions: readonly Decision[],
  shows: (choose: Choose) => boolean,
  differs: (first: number, second: number) => boolean = () => true,
): CriticalPair | undefined {
  const steps = decisions.map(({ chosen }) => chosen.step);
  const played = new Played(decisions);
  let closest: CriticalPair | undefined;
  let left = FURTHER_PAIRS;
  for (const [first, second] of conflictingPairs(steps)) {
    if (played.has(reversed(decisions, first, second))) continue;
    if (closest !== undefined && left-- === 0) break;
    const made: Decided[] = [];
    const choose = reversed(decisions, first, second);
    const noting: Choose = (choice) => {
      const chosen = choose(choice);
      if (chosen !== undefined) made.push({ ...choice, chosen });
      return chosen;
    };
    const isShown = shows(noting);
    played.add(made);
    if (isShown) continue;
    const last = steps.findIndex(
      (step, at) => at > second && step.session === steps[first]!.session && dependent(step, steps[second]!),
    );
    const pair = { first, second, ...(last < 0 ? {} : { last }) };
    if (differs(first, second)) return pair;
    closest ??= pair;
  }
  return closest;
}

/** So many more are tried for one whose steps are told something else. */
const FURTHER_PAIRS = 16;

/** The closest first: the less lies between two steps, the more it is their order that matters. */
function conflictingPairs(steps: readonly Step[]): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  for (const [second, step] of steps.entries()) {
    for (let first = 0; first < second; first++) {
      if (steps[first]!.session !== step.session && dependent(steps[first]!, step)) pairs.push([first, second]);
    }
  }
  return pairs.sort(([a, b], [c, d]) => b - a - (d - c));
}

/** As before up to the first step; then the second one's session until it has made the second; then the rest in its order. */
function reversed(decisions: readonly Decision[], first: number, second: number): Choose {
  const sessions = decisions.map(({ chosen }) => chosen.session);
  const leader = sessions[second]!;
  const ahead = sessions.slice(first, second + 1).filter((session) => session === leader);
  const behind = sessions.slice(first, second + 1).filter((session) => session !== leader);
  const order = [...sessions.slice(0, first), ...ahead, ...behind, ...sessions.slice(second + 1)];
  let at = 0;
  return (choice) => {
    while (at < order.length) {
      const next = order[at++];
      const candidate = choice.enabled.find(({ session }) => session === next);
      if (candidate !== undefined) return candidate;
    }
    return stay(choice);
  };
}

type Decided = Choice & Pick<Decision, 'chosen'>;

/** Where executions part: what could be chosen, and where that led. At the end there is no choice. */
interface Junction {
  choice?: Choice;
  readonly ways: Map<string, Junction>;
}

/** Executions by what was chosen in them; the same choices make the same execution. */
class Played {
  readonly #start: Junction = { ways: new Map() };

  constructor(decisions: readonly Decided[]) {
    this.add(decisions);
  }

  add(decisions: readonly Decided[]): void {
    let at = this.#start;
    for (const decision of decisions) {
      at.choice = decision;
      const way = wayOf(decision.chosen);
      const next = at.ways.get(way) ?? { ways: new Map() };
      at.ways.set(way, next);
      at = next;
    }
  }

  has(choose: Choose): boolean {
    let at: Junction | undefined = this.#start;
    while (at?.choice !== undefined) at = at.ways.get(wayOf(choose(at.choice)));
    return at !== undefined;
  }
}

const wayOf = (chosen: Candidate | undefined): string => `${chosen?.session}${chosen?.outwait ? ' waits' : ''}`;

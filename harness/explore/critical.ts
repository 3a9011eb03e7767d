import { dependent, type Step } from '../history/step.ts';
import { stay } from '../schedule/schedule.ts';
import type { Choose, Decision } from '../schedule/scheduler.ts';
import type { CriticalPair } from '../verdict/verdict.ts';

/**
 * The pair of conflicting steps whose order decides: a pair is turned round by letting the second one's session go on up to it
 * before the first; the pair is critical if the finding is gone then. The closest first: the less lies between two steps, the more
 * it is their order that matters.
 *
 * @param shows plays an execution under these choices: is the finding still there?
 * @returns indexes of decisions.
 */
export function criticalPair(
  decisions: readonly Decision[],
  shows: (choose: Choose) => boolean,
): CriticalPair | undefined {
  const steps = decisions.map(({ chosen }) => chosen.step);
  const decides = ([first, second]: Pair): boolean => !shows(reversed(decisions, first, second));
  const pairs = conflictingPairs(steps);
  const critical = pairs.slice(0, NEAR_PAIRS).find(decides) ?? farther(pairs.slice(NEAR_PAIRS), decides);
  if (critical === undefined) return undefined;
  const [first, second] = critical;
  const last = steps.findIndex(
    (step, at) => at > second && step.session === steps[first]!.session && dependent(step, steps[second]!),
  );
  return { first, second, ...(last < 0 ? {} : { last }) };
}

type Pair = readonly [first: number, second: number];

/** So many pairs are tried one by one. Most that decide are among them; of the others, in a database, there may be thousands. */
const NEAR_PAIRS = 30;

/** The closest first. */
function conflictingPairs(steps: readonly Step[]): readonly Pair[] {
  const pairs: Pair[] = [];
  for (const [second, step] of steps.entries()) {
    for (let first = 0; first < second; first++) {
      if (steps[first]!.session !== step.session && dependent(steps[first]!, step)) pairs.push([first, second]);
    }
  }
  return pairs.sort(closer);
}

const closer = ([a, b]: Pair, [c, d]: Pair): number => b - a - (d - c);

/**
 * Where a pair decides, a pair around it mostly does, too: it takes the same steps along, and more. So the later the first step, the
 * later the second that it takes; and what decides at the edge is found with about as many tries as there are steps, not pairs.
 */
function farther(pairs: readonly Pair[], decides: (pair: Pair) => boolean): Pair | undefined {
  const edge: Pair[] = [];
  let from = 0;
  for (const first of [...new Set(pairs.map(([first]) => first))].sort((a, b) => a - b)) {
    const around = pairs.filter((pair) => pair[0] === first && pair[1] >= from).sort(closer);
    const found = around.find(decides);
    if (found === undefined) break;
    edge.push(found);
    from = found[1];
  }
  return edge.sort(closer)[0];
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

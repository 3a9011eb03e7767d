import { limits } from '../limits.ts';
import type { Finding } from '../oracle/finding.ts';
import { follow, scheduleOf, stay } from '../schedule/schedule.ts';
import type { Choose } from '../schedule/scheduler.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import { criticalPair } from './critical.ts';
import { destroying, destructiveStep, following } from './destructive.ts';
import type { Follower } from './direction.ts';
import { inTurn } from './in-turn.ts';
import type { Played, Player } from './player.ts';
import { findingsOf, type Sighting } from './search.ts';
import { type Shrinkable, shrink } from './shrink.ts';
import { formatWitness } from './witness.ts';

const obedient = (schedule: Shrinkable['schedule']): Choose => follow(schedule, stay, () => {});

/**
 * The shortest execution that shows it, recorded, with the pair of steps that decides.
 *
 * @param isShort it was written down as short as can be.
 */
export function explain(
  player: Player,
  { kind, cast, trace, execution, message: seen }: Sighting,
  isShort = false,
): RecordedFinding {
  const shows = (played: Played): Finding | undefined => findingsOf(cast, played).find((one) => one.class === kind);
  const play = (
    { participants, operations }: Shrinkable,
    choose: Choose,
    record = false,
    follow?: (root: string) => Follower,
  ): Played => {
    player.take({ ...cast, participants, operations });
    return player.play(choose, record, undefined, follow);
  };
  // What was seen was seen, also where the same schedule does not lead there again.
  const asSeen: RecordedFinding = {
    class: kind,
    rounds: 0,
    count: 0,
    message: `${seen} (seen once, and not again under the same schedule: the writer is not deterministic)`,
    witness: execution,
  };
  const first: Shrinkable = { ...cast, schedule: scheduleOf(trace) };
  if (shows(play(first, obedient(first.schedule))) === undefined) return asSeen;
  const triesMax = cast.faults === undefined ? limits.shrinkExecutions : limits.shrinkFaultyExecutions;
  const tried = new Set<string>();
  const shorter = (candidate: Shrinkable): Shrinkable | undefined => {
    const name = JSON.stringify(candidate);
    if (tried.has(name) || tried.size >= triesMax) return undefined;
    tried.add(name);
    const played = play(candidate, obedient(candidate.schedule));
    return shows(played) === undefined ? undefined : { ...candidate, schedule: scheduleOf(played.trace) };
  };
  const smallest = isShort ? first : shrink(first, shorter);
  const followed = cast.faults === undefined && destroying.has(kind) ? following() : undefined;
  const played = play(smallest, obedient(smallest.schedule), true, followed?.follow);
  const message = shows(played)?.message;
  if (message === undefined) return asSeen;
  // Where something was made to go wrong, that is what did it.
  const critical =
    cast.faults === undefined
      ? criticalOf(
          kind,
          played,
          (choose) => play(smallest, choose, true),
          (other) => shows(other) !== undefined,
        )
      : undefined;
  const { participants, operations } = smallest;
  const serial = inTurn(player, { ...cast, participants, operations }, played.execution);
  const destructive =
    followed === undefined || serial === undefined
      ? undefined
      : destructiveStep(cast.scenario, kind, played.execution, followed.contents, serial.final);
  return {
    class: kind,
    rounds: 0,
    count: 0,
    message,
    witness: played.execution,
    replay: formatWitness({
      target: cast.scenario.id,
      strategy: cast.strategy,
      writers: cast.writers,
      ...(cast.recoverers === undefined ? {} : { recoverers: cast.recoverers }),
      ...(cast.faults === undefined ? {} : { faults: cast.faults }),
      operations: smallest.operations,
      schedule: smallest.schedule,
    }),
    ...(critical === undefined ? {} : { critical }),
    ...(destructive === undefined ? {} : { destructive }),
    ...(serial === undefined ? {} : { serial }),
  };
}

/**
 * Of sessions that are stuck, no order of two steps is tried: the other ones may be stuck as well, and for long.
 *
 * @param played recorded, as what `play` makes.
 */
export function criticalOf(
  kind: Finding['class'],
  played: Played,
  play: (choose: Choose) => Played,
  shows: (played: Played) => boolean,
): RecordedFinding['critical'] {
  if (kind === 'STUCK') return undefined;
  let other = played;
  const pair = criticalPair(
    played.trace.decisions,
    (choose) => {
      other = play(choose);
      return shows(other);
    },
    (first, second) => [first, second].some((at) => isToldOtherwise(played, at, other)),
  );
  if (pair === undefined) return undefined;
  const { begins } = played;
  const { first, second, last } = pair;
  return {
    first: begins[first]!,
    second: begins[second]!,
    ...(last === undefined ? {} : { last: begins[last]! }),
  };
}

/** The same step of the session in another execution: what did it read, or how did it fail? */
function isToldOtherwise(one: Played, at: number, other: Played): boolean {
  const { session } = one.trace.decisions[at]!.chosen;
  const before = one.trace.decisions.slice(0, at).filter(({ chosen }) => chosen.session === session).length;
  const again = [...other.trace.decisions.keys()].filter(
    (each) => other.trace.decisions[each]!.chosen.session === session,
  );
  return toldIn(one, at) !== toldIn(other, again[before] ?? -1);
}

function toldIn({ begins, execution: { steps = [] } }: Played, at: number): string {
  const step = steps[begins[at] ?? -1];
  return step === undefined ? '' : JSON.stringify([step.call, step.path, step.error, step.data, step.bytes]);
}

import { noFaults } from '../faults/plan.ts';
import type { Finding } from '../oracle/finding.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { follow, inWords, stay } from '../schedule/schedule.ts';
import type { Choose } from '../schedule/scheduler.ts';
import { freshAreGranted } from '../verdict/under-faults.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import type { Cast } from './cast.ts';
import { type Contents, destroying, destructiveStep, following } from './destructive.ts';
import { withDrawnNames } from './drawn-names.ts';
import { stepNames } from './examine.ts';
import { criticalOf } from './explain.ts';
import { inTurn } from './in-turn.ts';
import type { Played, Player } from './player.ts';
import { playPowerLoss } from './power.ts';
import type { Replayed, ReplayTask } from './protocol.ts';
import { findingsOf, forContention } from './search.ts';
import { parseWitness, sessionsIn, WitnessError } from './witness.ts';

/** Who plays in a witness. @throws {WitnessError} where the catalogue has no such strategy. */
export function castOf(text: string, catalogue: readonly Scenario[]): Cast {
  const { target, strategy, writers, operations, schedule, recoverers, faults } = parseWitness(text);
  const scenario = catalogue.find(({ id }) => id === target);
  if (scenario === undefined) throw new WitnessError(`no target is called '${target}': see \`collide list\``);
  if (scenario.strategies[strategy] === undefined) {
    const known = Object.keys(scenario.strategies).join(', ');
    throw new WitnessError(`${target} has no strategy '${strategy}': it has ${known}`);
  }
  const reads = (scenario.strategies[strategy].read ?? scenario.read) !== undefined;
  const participants = sessionsIn(schedule);
  const highest = reads ? writers : writers - 1;
  if (participants.at(-1)! > highest) {
    throw new WitnessError(
      `session ${participants.at(-1)} of '${text}' is not there: the last one is session ${highest}`,
    );
  }
  const upset = {
    ...(recoverers === undefined ? {} : { recoverers }),
    ...(faults === undefined ? {} : { faults }),
  };
  return { scenario, strategy, writers, participants, operations, ...upset };
}

/** Plays a witness again, and says what it shows now. */
export function replay(
  player: Player,
  catalogue: readonly Scenario[],
  { witness, times, server }: ReplayTask,
): Replayed {
  const { schedule } = parseWitness(witness);
  let cast = withDrawnNames(player, { ...castOf(witness, catalogue), ...(server === undefined ? {} : { server }) });
  const diverged = new Set<string>();
  player.loops.forget();
  if (cast.faults !== undefined) {
    player.take({ ...cast, faults: noFaults });
    cast = { ...cast, freshAreGranted: freshAreGranted(player.play(stay).execution) };
  }
  player.take(cast);
  player.play(stay); // fills whatever caches the writer has
  const obey = (): Choose => follow(schedule, stay, (message) => diverged.add(message));
  const files = following();
  const play = (): Played =>
    cast.faults?.power === undefined
      ? player.play(obey(), true, undefined, cast.faults === undefined ? files.follow : undefined)
      : playPowerLoss(player, cast, obey());
  let played = play();
  // That a retry loop never gives up is found out once; after that nobody waits for it.
  while (played.learned) played = play();
  for (const { session, step } of played.unspent) diverged.add(`session ${session} never came to ${inWords(step)}`);
  const lists = new Set([listOf(played)]);
  const seen: Contents = new Map(files.contents);
  for (let time = 1; time < times; time++) lists.add(listOf(play()));
  const findings = findingsOf(cast, played).map((finding) => told(cast, finding));
  const contention = contentionOf();
  return {
    findings: withDestructive(findings),
    ...contention,
    execution: played.execution,
    diverged: [...diverged],
    times,
    stepLists: lists.size,
  };

  function told(by: Cast, finding: Finding): RecordedFinding {
    const shows = (other: Played): boolean => findingsOf(by, other).some((one) => one.class === finding.class);
    const critical =
      cast.faults === undefined
        ? criticalOf(finding.class, played, (choose) => player.play(choose, true), shows)
        : undefined;
    return {
      class: finding.class,
      rounds: 0,
      count: 0,
      message: finding.message,
      witness: played.execution,
      replay: witness,
      ...(critical === undefined ? {} : { critical }),
    };
  }

  /** Last of all: the sessions do something else for it. */
  function withDestructive(findings: readonly RecordedFinding[]): readonly RecordedFinding[] {
    const asked = cast.faults === undefined && findings.some((finding) => destroying.has(finding.class));
    const serial = asked ? inTurn(player, cast, played.execution) : undefined;
    if (serial === undefined) return findings;
    return findings.map((finding) => {
      const destructive = destructiveStep(cast.scenario, finding.class, played.execution, seen, serial.final);
      return destructive === undefined ? finding : { ...finding, destructive };
    });
  }

  /** Beside what is found, as in a verdict. */
  function contentionOf(): Pick<Replayed, 'contention'> {
    const { contends } = cast.scenario;
    const contended = played.trace.stuck.length > 0 ? undefined : contends?.(played.execution);
    return contended === undefined ? {} : { contention: told(forContention(cast, contends!), contended.finding) };
  }
}

const listOf = ({ trace }: Played): string => stepNames(trace).join('\n');

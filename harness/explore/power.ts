/** What is left when the power fails in the middle of an execution, and whether fresh sessions can go on from there. */

import { noFaults, type PowerModel } from '../faults/plan.ts';
import { type Execution, KILLED, type Operation } from '../history/execution.ts';
import type { Step } from '../history/step.ts';
import { limits } from '../limits.ts';
import type { CollisionClass } from '../oracle/finding.ts';
import { type CrashState, crashStates } from '../powerloss/crash-states.ts';
import type { Disk } from '../powerloss/disk.ts';
import type { Effect } from '../powerloss/effects.ts';
import { Recorder } from '../powerloss/recorder.ts';
import { scheduleOf, stay } from '../schedule/schedule.ts';
import type { Choose } from '../schedule/scheduler.ts';
import type { FaultSearch } from '../verdict/fault-verdict.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import { type Cast, recovers } from './cast.ts';
import { inTurn } from './in-turn.ts';
import type { Played, Player } from './player.ts';
import { findingsOf } from './search.ts';
import { formatWitness, type Witness, WitnessError } from './witness.ts';

/** An execution, and all that it did to the disk. */
export interface Followed {
  readonly played: Played;
  readonly initial: Disk;
  readonly effects: readonly Effect[];
  /** Of each effect, how many steps had been made when it was seen. */
  readonly steps: readonly number[];
}

/** Plays the sessions of a cast that come before the power fails. */
export function followed(player: Player, cast: Cast, choose: Choose): Followed {
  const participants = cast.participants.filter((index) => !recovers(cast, index));
  player.take({ ...cast, participants });
  player.play(stay); // fills whatever caches there are
  let recorder: Recorder | undefined;
  const effects: Effect[] = [];
  const steps: number[] = [];
  const add = (made: number, ...more: readonly Effect[]): void => {
    effects.push(...more);
    for (const _ of more) steps.push(made);
  };
  let last = 0;
  const played = player.play(choose, true, undefined, (root) => {
    const disk = new Recorder(root);
    recorder = disk;
    return {
      made(made, synced) {
        last = made;
        add(made, ...disk.changes());
        const file = synced === undefined ? undefined : disk.numberOf(synced);
        if (file !== undefined) add(made, { kind: 'sync', file });
      },
      acknowledged: (operation) => add(last, { kind: 'acknowledged', operation }),
    };
  });
  return { played, initial: recorder!.initial, effects, steps };
}

/** The states that the disk may be in. */
export const statesOf = ({ initial, effects }: Followed, model: PowerModel): ReturnType<typeof crashStates> =>
  crashStates(initial, effects, model, limits.crashStates);

/**
 * Fresh sessions on the disk that the power loss has left. What lies on a server is as `prepare` makes it: a server that keeps
 * nothing on a disk begins anew, and has forgotten who was given what. So a fencing token counts from 1 again and is refused by
 * the files that have seen a higher one, which is STUCK.
 *
 * @param cast with the power loss among its faults.
 */
export function recovered(player: Player, cast: Cast, { played, steps }: Followed, state: CrashState): Played {
  // Readers come first, as long as nobody has put anything right.
  const participants = cast.participants.filter((index) => recovers(cast, index) || index >= cast.writers);
  player.take({ ...cast, participants });
  const after = player.play(stay, true, state.disk);
  const made = state.after === 0 ? 0 : steps[state.after - 1]!;
  return { ...after, execution: joined(played.execution, after.execution, state, made) };
}

/** Fresh sessions on every state that the disk may be in, when the power fails at any time while writers work one after another. */
export function searchPower(
  player: Player,
  cast: Cast,
  model: PowerModel,
  budgetMs: number,
  progress: (executions: number) => void,
): FaultSearch {
  if (cast.server?.worksOnResource) {
    const untried = 'what the server does to the disk is not seen step by step';
    return { kind: `power-${model}`, findings: [], points: 0, executions: 0, extent: 'none', untried };
  }
  const began = performance.now();
  const before = followed(player, cast, stay);
  const { states, exhaustive } = statesOf(before, model);
  const later = cast.participants.filter((index) => recovers(cast, index)).map((session) => ({ session }));
  const found = new Map<CollisionClass, RecordedFinding>();
  let tried = 0;
  for (const [number, state] of states.entries()) {
    if (performance.now() - began > budgetMs) break;
    const lost = { ...cast, faults: { ...noFaults, power: { model, state: number } } };
    const played = recovered(player, lost, before, state);
    progress(++tried);
    for (const { class: kind, message } of findingsOf(lost, played)) {
      if (found.has(kind)) continue;
      const schedule = [...scheduleOf(before.played.trace), ...later];
      const replay = formatWitness({ ...witnessOf(lost), schedule });
      const serial = inTurn(player, cast, played.execution);
      const told = { class: kind, rounds: 0, count: 0, message, witness: played.execution, replay } as const;
      found.set(kind, serial === undefined ? told : { ...told, serial });
    }
  }
  return {
    kind: `power-${model}`,
    findings: [...found.values()],
    points: tried,
    executions: tried,
    extent: tried === states.length || tried >= limits.faultsSampled ? 0 : 'none',
    ...(exhaustive && tried === states.length ? {} : { partial: true }),
  };
}

const witnessOf = ({
  scenario,
  strategy,
  writers,
  operations,
  recoverers = 0,
  faults,
}: Cast): Omit<Witness, 'schedule'> => ({
  target: scenario.id,
  strategy,
  writers,
  operations,
  recoverers,
  ...(faults === undefined ? {} : { faults }),
});

/** Plays a witness of a power loss. @throws {WitnessError} where there is no such state of the disk. */
export function playPowerLoss(player: Player, cast: Cast, choose: Choose): Played {
  const { model, state: number } = cast.faults!.power!;
  const before = followed(player, { ...cast, faults: noFaults }, choose);
  const { states } = statesOf(before, model);
  const state = states[number];
  if (state === undefined) {
    throw new WitnessError(`power.${model}.${number}: there are ${states.length} states of the disk, counted from 0`);
  }
  return recovered(player, cast, before, state);
}

/** Both as one execution: what had been acknowledged before the power failed is known, of the rest nobody knows. */
function joined(before: Execution, after: Execution, state: CrashState, made: number): Execution {
  const operations = before.operations
    .filter(({ kind, invokedUs }) => kind !== 'finally' && invokedUs <= made)
    .map((operation): Operation => (state.acknowledged.includes(operation.id) ? operation : cutOff(operation)));
  const steps = before.steps!.slice(0, made);
  const session = steps.at(-1)?.session ?? before.sessions[0]!.index;
  const failure: Step = { session, operation: 0, call: 'power', path: '', fault: state.words };
  return {
    ...after,
    sessions: [...before.sessions, ...after.sessions],
    operations: [...operations, ...after.operations.map((operation) => postponed(operation, made + 1))],
    steps: [...steps, failure, ...after.steps!],
  };
}

const cutOff = (operation: Operation): Operation => ({
  ...operation,
  outcome: 'unknown',
  output: null,
  error: { name: KILLED, message: 'the power failed' },
});

/** Instants count steps. */
const postponed = (operation: Operation, steps: number): Operation => ({
  ...operation,
  invokedUs: operation.invokedUs + steps,
  respondedUs: operation.respondedUs + steps,
});

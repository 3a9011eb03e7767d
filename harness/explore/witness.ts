import { type FaultPlan, formatPlan, parsePlan } from '../faults/plan.ts';
import { formatSchedule, parseSchedule, type Schedule } from '../schedule/schedule.ts';

/** One execution, said so shortly that it can be pasted: `ingest-health/rmw:2:0@write:health.json,1,0`. */
export interface Witness {
  readonly target: string;
  readonly strategy: string;
  /** How many writers there are; the reader, if any, has the index after theirs. Who is not in the schedule stays away. */
  readonly writers: number;
  /** So many of them, the last ones, begin when all others have ended or can't go on. */
  readonly recoverers?: number;
  readonly faults?: FaultPlan;
  /** Of each writer. */
  readonly operations: number;
  readonly schedule: Schedule;
}

/** A witness that can't be read. */
export class WitnessError extends Error {
  override readonly name = 'WitnessError';
}

/**
 * `target/strategy:writers:schedule`; several operations of each writer are `:2x3:`, with one who recovers behind them it is `:2+1:`,
 * and what goes wrong follows the schedule: `:1+1:0,1~0@write:state.json=crash`.
 */
export function formatWitness({
  target,
  strategy,
  writers,
  recoverers = 0,
  operations,
  schedule,
  faults,
}: Witness): string {
  const sessions = recoverers === 0 ? `${writers}` : `${writers - recoverers}+${recoverers}`;
  const each = operations === 1 ? '' : `x${operations}`;
  const wrong = faults === undefined ? '' : `~${formatPlan(faults)}`;
  return `${target}/${strategy}:${sessions}${each}:${formatSchedule(schedule)}${wrong}`;
}

const EXAMPLE = 'ingest-health/rmw:2:0@open.2:health.json,1,0';

/** @throws {WitnessError} with what is wrong and an example. */
export function parseWitness(text: string): Witness {
  const match = /^([^/:]+)\/([^/:]+):(\d+)(?:\+(\d+))?(?:x(\d+))?:([^~]*)(?:~(.*))?$/s.exec(text);
  if (match === null) {
    throw new WitnessError(`'${text}' is no witness: expected target/strategy:writers:schedule, such as ${EXAMPLE}`);
  }
  const [, target = '', strategy = '', writers, more = '0', operations = '1', schedule = '', faults] = match;
  const recoverers = Number(more);
  try {
    const parsed = parseSchedule(schedule);
    if (parsed.length === 0) throw new Error('it names no session');
    const wrong = faults === undefined ? {} : { faults: parsePlan(faults) };
    const sessions = { writers: Number(writers) + recoverers, operations: Number(operations) };
    const later = recoverers === 0 ? {} : { recoverers };
    return { target, strategy, ...sessions, ...later, schedule: parsed, ...wrong };
  } catch (error) {
    throw new WitnessError(`the schedule '${schedule}' can't be read: ${(error as Error).message}`);
  }
}

/** The sessions that a schedule names, in order. */
export const sessionsIn = (schedule: Schedule): readonly number[] =>
  [...new Set(schedule.map(({ session }) => session))].sort((a, b) => a - b);

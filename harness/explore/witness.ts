import { formatSchedule, parseSchedule, type Schedule } from '../schedule/schedule.ts';

/** One execution, said so shortly that it can be pasted: `ingest-health/rmw:2:0@write:health.json,1,0`. */
export interface Witness {
  readonly target: string;
  readonly strategy: string;
  /** How many writers there are; the reader, if any, has the index after theirs. Who is not in the schedule stays away. */
  readonly writers: number;
  /** Of each writer. */
  readonly operations: number;
  readonly schedule: Schedule;
}

/** A witness that can't be read. */
export class WitnessError extends Error {
  override readonly name = 'WitnessError';
}

/** `target/strategy:writers:schedule`; several operations of each writer are `:2x3:`. */
export const formatWitness = ({ target, strategy, writers, operations, schedule }: Witness): string =>
  `${target}/${strategy}:${writers}${operations === 1 ? '' : `x${operations}`}:${formatSchedule(schedule)}`;

const EXAMPLE = 'ingest-health/rmw:2:0@open.2:health.json,1,0';

/** @throws {WitnessError} with what is wrong and an example. */
export function parseWitness(text: string): Witness {
  const match = /^([^/:]+)\/([^/:]+):(\d+)(?:x(\d+))?:(.*)$/s.exec(text);
  if (match === null) {
    throw new WitnessError(`'${text}' is no witness: expected target/strategy:writers:schedule, such as ${EXAMPLE}`);
  }
  const [, target = '', strategy = '', writers, operations = '1', schedule = ''] = match;
  try {
    const parsed = parseSchedule(schedule);
    if (parsed.length === 0) throw new Error('it names no session');
    return { target, strategy, writers: Number(writers), operations: Number(operations), schedule: parsed };
  } catch (error) {
    throw new WitnessError(`the schedule '${schedule}' can't be read: ${(error as Error).message}`);
  }
}

/** The sessions that a schedule names, in order. */
export const sessionsIn = (schedule: Schedule): readonly number[] =>
  [...new Set(schedule.map(({ session }) => session))].sort((a, b) => a - b);

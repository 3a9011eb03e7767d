import type { Contended } from '../oracle/contention.ts';
import type { RecordedFinding } from './verdict.ts';

/** Sessions that fail because of each other, which no serial order explains. Plain data, and no finding: that it is right is possible. */
export interface Contention extends Told {
  /** Different interleavings in which some did. */
  readonly executions: number;
  /** Different interleavings that were tried. */
  readonly of: number;
  /** Rounds of the storm in which some did. */
  readonly rounds: number;
  readonly ofRounds: number;
  /** Of the first that fails in the witness, where it is a command. */
  readonly exitCode?: number;
  /** The first lines that it printed, or the message of its error. */
  readonly stderr: string;
}

type Numbers = Pick<Contention, 'executions' | 'of' | 'rounds' | 'ofRounds'>;

const none: Numbers = { executions: 0, of: 0, rounds: 0, ofRounds: 0 };

type Told = Pick<RecordedFinding, 'message' | 'witness' | 'replay' | 'critical' | 'destructive' | 'serial'>;

/**
 * @param operation the first that fails in the witness.
 * @param told of the witness.
 */
export function contention({ operation }: Contended, told: Told, numbers: Partial<Numbers>): Contention {
  const { exitCode, stderr, error } = operation;
  const said = (stderr?.trim() || error?.message.trim()) ?? '';
  return {
    ...none,
    ...numbers,
    ...(exitCode === undefined ? {} : { exitCode }),
    stderr: said.split('\n').slice(0, LINES_MAX).join('\n'),
    ...told,
  };
}

const LINES_MAX = 5;

/** One of all that was seen, with the shortest witness and the numbers of all. */
export function together(
  parts: readonly (Contention | undefined)[],
  { of, ofRounds }: Pick<Numbers, 'of' | 'ofRounds'>,
): Contention | undefined {
  const seen = parts.filter((part) => part !== undefined);
  const length = ({ replay }: Contention): number => replay?.length ?? Number.MAX_SAFE_INTEGER;
  const [best] = seen.toSorted((a, b) => length(a) - length(b));
  if (best === undefined) return undefined;
  const sum = (name: 'executions' | 'rounds'): number => seen.reduce((total, part) => total + part[name], 0);
  return { ...best, executions: Math.min(sum('executions'), of), of, rounds: sum('rounds'), ofRounds };
}

/** As a finding, so that it can be told of as one. */
export const asFinding = ({
  message,
  witness,
  replay,
  critical,
  destructive,
  serial,
  rounds,
}: Contention): RecordedFinding => ({
  class: 'FAILS_UNDER_CONTENTION',
  rounds,
  count: rounds,
  message,
  witness,
  ...(replay === undefined ? {} : { replay }),
  ...(critical === undefined ? {} : { critical }),
  ...(destructive === undefined ? {} : { destructive }),
  ...(serial === undefined ? {} : { serial }),
});

/** What is said in the end, as a table: the first row that applies is the verdict. */

import type { CollisionClass } from '../oracle/finding.ts';
import { truthClasses } from '../scenario/scenario.ts';
import {
  type DrawnEvidence,
  type ExploredEvidence,
  isEnough,
  type Level,
  levelOf,
  type Requirement,
  type StressEvidence,
} from './level.ts';
import type { Given } from './remedy.ts';
import { settling } from './settling.ts';
import type { Expectation, Status } from './verdict.ts';

/** All that a verdict can rest on. Plain data. */
export interface Evidence {
  /** Decided by something else than what was found. */
  readonly settled?: {
    readonly status: 'SKIPPED' | 'BROKEN_ALONE' | 'VACUOUS' | 'INCONCLUSIVE';
    readonly reason: string;
  };
  /** By whatever means. */
  readonly found: readonly CollisionClass[];
  /** Why what was explored can't be as was claimed: in words. */
  readonly contradiction?: string;
  readonly explored?: ExploredEvidence;
  /**
   * Why the search was broken off, or could not be begun, where it should have been: something died, or was not
   * deterministic, or sessions share what nobody looks at. Free running can't make up for that.
   */
  readonly doubt?: string;
  readonly drawn?: DrawnEvidence;
  readonly stress: StressEvidence;
  /** Of the first round that sessions did not come through. */
  readonly failure?: string;
  /** Operations, over all that was tried. */
  readonly acknowledged: number;
  /** Neither acknowledged nor refused. */
  readonly unknown: number;
  readonly unknownError?: string;
  /** By those who only look; undefined where there is nobody who does. */
  readonly reads?: number;
  /** How fast it went, as far as that was measured. */
  readonly speed: Speed;
  /** What the run was given, where that is known. */
  readonly given?: Given;
}

export interface Speed {
  /** Of one explored execution. */
  readonly executionMs?: number;
  readonly roundMs?: number;
  /** How much of `--steps` a step of this strategy takes. */
  readonly stepCost?: number;
  /** Nothing runs free, or nothing is explored, because that was asked for, or because there is no way to. */
  readonly without?: 'stress' | 'exploration';
}

export interface Expected extends Expectation {
  /** Why the truth is what it is. */
  readonly why: string;
}

/** @see Verdict */
export interface Decision {
  readonly status: Status;
  /** Of SAFE. */
  readonly level?: Level;
  readonly reason?: string;
  readonly asExpected: boolean;
}

interface Case {
  readonly evidence: Evidence;
  readonly expected: Expected;
  readonly required: Requirement;
  readonly level: Level | undefined;
  /** What was found and is neither expected nor allowed. */
  readonly unexpected: readonly CollisionClass[];
  /** What is expected and was not found. */
  readonly missing: readonly CollisionClass[];
}

interface Row {
  readonly name: string;
  readonly applies: (given: Case) => boolean;
  readonly decides: (given: Case) => Decision;
}

/** More rounds than this share may not fail: what they would have shown is not known. */
const FAILED_SHARE_MAX = 0.1;

const inconclusive = (reason: string): Decision => ({ status: 'INCONCLUSIVE', asExpected: false, reason });
const vacuous = (reason: string): Decision => ({ status: 'VACUOUS', asExpected: false, reason });

const joined = (...reasons: readonly (string | undefined)[]): { readonly reason?: string } => {
  const said = reasons.filter((reason) => reason !== undefined);
  return said.length === 0 ? {} : { reason: said.join('; ') };
};

const all = ({ evidence: { explored, doubt } }: Case): boolean =>
  explored?.kind === 'exhaustive' && doubt === undefined;

export const table: readonly Row[] = [
  {
    name: 'settled',
    applies: ({ evidence }) => evidence.settled !== undefined,
    decides: ({ evidence }) => ({ ...evidence.settled!, asExpected: false }),
  },
  {
    name: 'unexpected collision',
    applies: ({ unexpected }) => unexpected.length > 0,
    decides: ({ evidence, expected, unexpected }) => ({
      status: 'COLLIDES',
      asExpected: false,
      ...joined(
        `the truth says ${truthClasses(expected.truth).join(' + ') || 'SAFE'}, and ${unexpected.join(' + ')} was found`,
        evidence.contradiction,
      ),
    }),
  },
  {
    name: 'expected collision',
    applies: ({ evidence }) => evidence.found.length > 0,
    decides: ({ evidence, missing }) => ({
      status: 'COLLIDES',
      asExpected: true,
      ...joined(missing.length > 0 ? `${missing.join(' + ')} not found` : undefined, evidence.contradiction),
    }),
  },
  {
    name: 'resource never touched',
    applies: ({ evidence: { explored } }) => explored?.steps === 0,
    decides: () => vacuous('no session ever touched the resource, so nothing was tested'),
  },
  {
    name: 'nothing ran',
    applies: ({ evidence: { explored, stress } }) => stress.whole === 0 && explored === undefined,
    decides: ({ evidence: { doubt, failure = 'there was no time for any' } }) =>
      inconclusive([`no round came through: ${failure}`, ...(doubt === undefined ? [] : [doubt])].join('; ')),
  },
  {
    name: 'never overlapped',
    applies: ({ evidence: { explored, stress } }) => stress.overlapping + stress.alone === 0 && explored === undefined,
    decides: ({ evidence: { stress } }) =>
      vacuous(`the sessions never overlapped in ${stress.whole} rounds, so nothing was tested: try more --rounds`),
  },
  {
    name: 'expected to collide, and all interleavings say otherwise',
    applies: (given) => given.missing.length > 0 && all(given),
    decides: ({ expected }) => ({
      status: 'NOT_PROVOKED',
      asExpected: false,
      reason: `no interleaving of two writers with one operation each shows what the truth says: ${expected.why}`,
    }),
  },
  {
    name: 'expected to collide, and did not',
    applies: ({ missing }) => missing.length > 0,
    decides: ({ expected }) => ({
      status: 'NOT_PROVOKED',
      asExpected: true,
      reason: `not provoked; it takes a chosen schedule, or many more writers: ${expected.why}`,
    }),
  },
  {
    name: 'search broken off',
    applies: ({ evidence }) => evidence.doubt !== undefined,
    decides: ({ evidence }) => inconclusive(evidence.doubt!),
  },
  {
    name: 'rounds failed',
    applies: ({ evidence: { stress } }) => stress.failed > stress.whole * FAILED_SHARE_MAX,
    decides: ({ evidence: { stress, failure } }) =>
      inconclusive(
        `sessions did not come through ${stress.failed} of ${stress.failed + stress.whole} rounds: ${failure ?? 'no word'}`,
      ),
  },
  {
    name: 'operations failed',
    applies: ({ evidence }) => evidence.unknown > 0,
    decides: ({ evidence: { unknown, unknownError } }) =>
      inconclusive(`${unknown} operations failed, the first with: ${unknownError ?? 'no word'}`),
  },
  {
    name: 'nothing acknowledged',
    applies: ({ evidence }) => evidence.acknowledged === 0,
    decides: () => inconclusive('no operation was acknowledged, so nothing could be lost or granted twice'),
  },
  {
    name: 'nothing read',
    applies: ({ evidence }) => evidence.reads === 0,
    decides: () => inconclusive('the reader never read, so nobody could have seen a torn state'),
  },
  {
    name: 'enough was shown',
    applies: ({ level, required }) => isEnough(level, required.level),
    decides: ({ level }) => ({ status: 'SAFE', level: level!, asExpected: true }),
  },
  {
    name: 'too little was shown',
    applies: () => true,
    decides: ({ evidence, required, level }) =>
      inconclusive(settling(evidence, required, { level, given: evidence.given })),
  },
];

/** What the evidence amounts to. */
export function decide(evidence: Evidence, expected: Expected, required: Requirement, rows = table): Decision {
  const known = truthClasses(expected.truth);
  const given: Case = {
    evidence,
    expected,
    required,
    level: levelOf(evidence, required.maxRate),
    unexpected: evidence.found.filter((kind) => !known.includes(kind) && !expected.may.includes(kind)),
    missing: known.filter((kind) => !evidence.found.includes(kind)),
  };
  return rows.find(({ applies }) => applies(given))!.decides(given);
}

import { limits } from '../limits.ts';
import { type CollisionClass, collisionClasses } from '../oracle/finding.ts';
import { type FaultKind, isPower, withstood } from '../scenario/faults.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RecordedFinding } from './verdict.ts';

/** What a search with one kind of fault amounts to, for one strategy. Plain data. */
export interface FaultSearch {
  readonly kind: FaultKind;
  /** Each with its shortest witness. */
  readonly findings: readonly RecordedFinding[];
  /** Different faults that were tried: kinds of failure at steps, or crash states of the disk. */
  readonly points: number;
  readonly executions: number;
  readonly extent: Extent;
  /** Why there is nothing to try. */
  readonly inapplicable?: string;
  /** Why nothing could be tried here. */
  readonly untried?: string;
  /** Of what was tried it is known that there is more. */
  readonly partial?: true;
  /** Why nothing that was found is no reason to say SAFE. */
  readonly doubt?: string;
}

/**
 * How far every single fault was tried: `none`: some not even once. `alone`: with nobody beside the session that it happens to. A
 * number: in all schedules with at most so many preemptions.
 */
export type Extent = 'none' | 'alone' | number;

export interface FaultExploration {
  readonly searches: readonly FaultSearch[];
  /** What is wrong without any fault already: nothing was injected then. */
  readonly broken?: string;
}

/** - `NONE`: there is no place for such a fault. - `INCONCLUSIVE`: there was no time for even one schedule of each. */
export type FaultStatus = 'SAFE' | 'COLLIDES' | 'NONE' | 'NOT_PROVOKED' | 'INCONCLUSIVE' | 'SKIPPED';

/** One cell of the matrix: a strategy under one kind of fault. */
export interface FaultVerdict {
  readonly target: string;
  readonly strategy: string;
  readonly kind: FaultKind;
  readonly status: FaultStatus;
  readonly classes: readonly CollisionClass[];
  /** What was known beforehand. */
  readonly truth: readonly CollisionClass[];
  readonly asExpected: boolean;
  /** In one line: why it is so, or why there is no verdict. */
  readonly why: string;
  readonly points: number;
  readonly executions: number;
  readonly extent: Extent;
  /** There are more faults of this kind than were tried. */
  readonly partial?: true;
  readonly findings: readonly RecordedFinding[];
}

/** What a search with faults says of a strategy, held against what is known of it. */
export function faultVerdict(
  scenario: Scenario,
  strategy: string,
  { kind, findings, points, executions, extent, inapplicable, untried, partial, doubt }: FaultSearch,
): FaultVerdict {
  const { truth = [], may = [], why } = scenario.strategies[strategy]!.underFaults?.[kind] ?? {};
  const found = new Set(findings.map((finding) => finding.class));
  const classes = (Object.keys(collisionClasses) as CollisionClass[]).filter((each) => found.has(each));
  const common = {
    target: scenario.id,
    strategy,
    kind,
    classes,
    truth,
    points,
    executions,
    extent,
    findings,
    ...(partial ? { partial } : {}),
  };
  const unexpected = classes.filter((each) => !truth.includes(each) && !may.includes(each));
  if (unexpected.length > 0) {
    const [first] = findings.filter((finding) => unexpected.includes(finding.class));
    return { ...common, status: 'COLLIDES', asExpected: false, why: first!.message };
  }
  const missing = truth.filter((each) => !found.has(each));
  // What is known, and was not seen, is wrong only where the search went to its end.
  const asFar = missing.length === 0 || !wentToItsEnd(common);
  if (classes.length > 0) {
    const notProvoked = missing.length === 0 ? '' : ` ${missing.join(' + ')} was not provoked.`;
    return { ...common, status: 'COLLIDES', asExpected: asFar, why: `${why}${notProvoked}` };
  }
  if (untried !== undefined) return { ...common, status: 'SKIPPED', asExpected: true, why: untried };
  if (doubt !== undefined) return { ...common, status: 'INCONCLUSIVE', asExpected: false, why: doubt };
  if (truth.length > 0) {
    return { ...common, status: 'NOT_PROVOKED', asExpected: asFar, why: `not provoked: ${why}` };
  }
  if (inapplicable !== undefined) return { ...common, status: 'NONE', asExpected: true, why: inapplicable };
  if (extent === 'none') {
    const why = 'there was not the time to try every fault once: try more --budget';
    return { ...common, status: 'INCONCLUSIVE', asExpected: false, why };
  }
  return { ...common, status: 'SAFE', asExpected: true, why: withstood[kind] };
}

/** Of a failure of the power there are no schedules: its end are all states of the disk. */
const wentToItsEnd = ({ kind, extent, partial }: Pick<FaultSearch, 'kind' | 'extent' | 'partial'>): boolean =>
  isPower(kind) ? extent !== 'none' && !partial : typeof extent === 'number' && extent >= limits.faultPreemptions;

/** All that is known to be wrong was found, and nothing else: more of it would say no more. */
export const isSettled = ({ status, kind, classes, truth, asExpected, extent }: FaultVerdict): boolean =>
  status === 'NONE' ||
  status === 'SKIPPED' ||
  (status === 'COLLIDES' && asExpected && truth.every((each) => classes.includes(each))) ||
  (isPower(kind) && extent !== 'none');

/** Of two searches of one kind what was tried further, with what was found in either. */
export function better(scenario: Scenario, first: FaultVerdict, second: FaultVerdict): FaultVerdict {
  const further = reachOf(second) >= reachOf(first) ? second : first;
  const seen = new Set(first.findings.map((finding) => finding.class));
  const findings = [...first.findings, ...second.findings.filter((finding) => !seen.has(finding.class))];
  return findings.length === 0 ? further : faultVerdict(scenario, first.strategy, { ...further, findings });
}

const reachOf = ({ extent }: FaultVerdict): number => (extent === 'none' ? -2 : extent === 'alone' ? -1 : extent);

/** A strategy that nothing was tried with, with the reason. */
export const withoutFaults = (
  scenario: Scenario,
  strategy: string,
  kind: FaultKind,
  status: 'SKIPPED' | 'INCONCLUSIVE',
  why: string,
): FaultVerdict => ({
  target: scenario.id,
  strategy,
  kind,
  status,
  classes: [],
  truth: scenario.strategies[strategy]!.underFaults?.[kind]?.truth ?? [],
  asExpected: status === 'SKIPPED',
  why,
  points: 0,
  executions: 0,
  extent: 'none',
  findings: [],
});

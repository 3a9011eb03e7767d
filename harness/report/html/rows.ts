/** Rows of the overview, and their findings by name. */

import { type CollisionClass, collisionClasses } from '../../oracle/finding.ts';
import { faultKinds } from '../../scenario/faults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { FaultVerdict } from '../../verdict/fault-verdict.ts';
import { fingerprintOf, rowName } from '../../verdict/fingerprint.ts';
import type { RecordedFinding, Verdict } from '../../verdict/verdict.ts';
import type { Report } from '../report.ts';
import { byReplay, quoted } from '../timeline.ts';
import { evidenceWords, lossWords, modeWords, verdictWords } from '../words.ts';
import { findingData } from './finding.ts';
import type { FindingData } from './page/shapes.ts';

/** The name of a finding in links: the same in every run that finds it. */
export const findingId = (verdict: Verdict, finding: RecordedFinding): string => `${rowName(verdict)} ${finding.class}`;

export const faultFindingId = ({ target, strategy, kind }: FaultVerdict, finding: RecordedFinding): string =>
  `${target}/${strategy} ~${kind} ${finding.class}`;

export const isUnexpected = ({ asExpected, status }: Verdict): boolean => !asExpected && status !== 'SKIPPED';

/** In the order of the overviews. */
export function allFindings({ results, faults, scenarios }: Report): readonly FindingData[] {
  const byId = new Map(scenarios.map((scenario) => [scenario.id, scenario]));
  return [
    ...results.verdicts.flatMap((verdict) =>
      verdict.findings.map((finding) => ofVerdict(byId.get(verdict.target), verdict, finding)),
    ),
    ...(faults?.faults ?? []).flatMap((verdict) =>
      verdict.findings.map((finding) => ofFault(byId.get(verdict.target), verdict, finding)),
    ),
  ];
}

function ofVerdict(scenario: Scenario | undefined, verdict: Verdict, finding: RecordedFinding): FindingData {
  const why = scenario?.strategies[verdict.strategy]?.why;
  const loss = lossWords(verdict);
  return findingData(scenario, finding, {
    id: findingId(verdict, finding),
    row: `${verdict.target}/${verdict.strategy}${modeWords[verdict.mode]}`,
    ...(why === undefined ? {} : { why }),
    ...(isUnexpected(verdict) ? { unexpected: verdict.reason ?? verdictWords(verdict) } : {}),
    ...replayOf(finding),
    facts: [
      ['Strength', evidenceWords(verdict)],
      ...(loss === '' ? [] : ([['Measured', loss]] as const)),
      ['Fingerprint', fingerprintOf(verdict, finding)],
    ],
  });
}

function ofFault(scenario: Scenario | undefined, verdict: FaultVerdict, finding: RecordedFinding): FindingData {
  const { target, strategy, kind, why, asExpected, truth, points, executions } = verdict;
  const told = {
    id: faultFindingId(verdict, finding),
    row: `${target}/${strategy}, ${kind}`,
    why,
    ...(asExpected ? {} : { unexpected: `expected: ${truth.join(' + ') || 'SAFE'}` }),
    ...replayOf(finding),
    fault: { kind, meaning: faultKinds[kind], plan: finding.witness.faults ?? '' },
    facts: [['Tried', `${points} different faults of this kind in ${executions} executions`]],
  } as const;
  return findingData(scenario, finding, told);
}

const replayOf = ({ replay }: RecordedFinding): { readonly replay?: string } =>
  replay === undefined ? {} : { replay: byReplay(quoted(replay)) };

/** Those that occur, worst first. */
export const classesIn = (
  verdicts: readonly { readonly classes: readonly CollisionClass[] }[],
): readonly CollisionClass[] => {
  const found = new Set(verdicts.flatMap(({ classes }) => classes));
  return (Object.keys(collisionClasses) as CollisionClass[]).filter((kind) => found.has(kind));
};

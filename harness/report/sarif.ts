/** SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html */

import { createHash } from 'node:crypto';
import type { Change } from '../baseline/change.ts';
import { fingerprintOf, rowName } from '../verdict/fingerprint.ts';
import type { RecordedFinding, Verdict } from '../verdict/verdict.ts';
import { version } from '../version.ts';
import { type Concern, concernsOf } from './concerns.ts';
import { cellName, changesBeside, type JudgedCell, type JudgedRow, judgedCells, judgedRows } from './judged.ts';
import { cellWords } from './matrix.ts';
import type { Report, Reporter } from './report.ts';
import { codeFlowOf, locationIn, type SarifLocation } from './sarif-flow.ts';
import { type RuleId, rules } from './sarif-rules.ts';
import { byReplay, quoted } from './timeline.ts';
import { verdictWords } from './words.ts';

/**
 * What is wrong is an `error`: a check that code scanning makes of it fails on those. What is known to collide is there too, as a
 * `note`, so that the interleaving can be seen and the alert be closed by whoever mends it. It is not suppressed, since code scanning
 * does not read that, and viewers that do would hide it. What is SAFE is no result: code scanning would open an alert for it.
 */
export const sarifReport: Reporter = (report) => {
  const { results } = report;
  const found = [
    ...judgedRows(report).flatMap((row) => resultsOfRow(report, row)),
    ...changesBeside(report).flatMap((change) => (change.fails ? [resultOfChange(report, change)] : [])),
    ...judgedCells(report).flatMap((cell) => resultsOfCell(report, cell)),
  ];
  const notes = concernsOf(report).filter(({ target, name }) => target === undefined && name === 'collide');
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'collide',
            version: version(),
            informationUri: 'https://www.npmjs.com/package/collide-lab',
            rules: Object.values(rules),
          },
        },
        originalUriBaseIds: {
          [SOURCES]: { description: { text: 'the root of the repository' } },
          [RESOURCE]: { description: { text: 'the copy of the resource that an execution worked on' } },
        },
        invocations: [
          {
            executionSuccessful: results.broken === undefined && !results.interrupted,
            toolExecutionNotifications: notes.map(notification),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: found.map((result) => ({ ...result, ruleIndex: Object.keys(rules).indexOf(result.ruleId) })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 1)}\n`;
};

/** What paths are relative to. */
const SOURCES = '%SRCROOT%';
const RESOURCE = '%RESOURCE%';

const sarifLevels = { error: 'error', warning: 'warning', notice: 'note' } as const;

const notification = ({ level, title, message }: Concern): object => ({
  level: sarifLevels[level],
  message: { text: plain(`${title}: ${message}`) },
});

interface Result {
  readonly ruleId: RuleId;
  readonly level: 'error' | 'note';
  readonly message: { readonly text: string };
  readonly locations: readonly [SarifLocation];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly baselineState?: 'new' | 'unchanged';
  readonly codeFlows?: readonly object[];
}

/** A result for each finding; where none of these says what is wrong, one that does. */
function resultsOfRow(report: Report, { verdict, judgement, changes }: JudgedRow): readonly Result[] {
  const { target, findings } = verdict;
  const bad = judgement === 'wrong' || judgement === 'unjudged';
  const failing = changes.filter(({ fails }) => fails);
  const race = (finding: RecordedFinding): string => fingerprintOf(verdict, finding);
  const isNew = (finding: RecordedFinding): boolean =>
    report.comparison === undefined
      ? bad && !verdict.truth.includes(finding.class)
      : failing.some(({ fingerprint }) => fingerprint === race(finding));
  const results = findings.map((finding): Result => {
    const about = { target, name: rowName(verdict), race: race(finding), isError: isNew(finding) };
    return resultOf(report, finding, about);
  });
  if (report.comparison !== undefined) {
    const told = new Set(findings.filter(isNew).map(race));
    const rest = failing.filter(({ fingerprint }) => fingerprint === undefined || !told.has(fingerprint));
    return [...results, ...rest.map((change) => resultOfChange(report, change, target))];
  }
  if (!bad || results.some(({ level }) => level === 'error')) return results;
  return [...results, withoutFinding(report, verdict)];
}

function withoutFinding(report: Report, verdict: Verdict): Result {
  const { status, target, reason } = verdict;
  const name = rowName(verdict);
  const ruleId = status === 'COLLIDES' || status === 'SAFE' || status === 'SKIPPED' ? 'NOT_PROVOKED' : status;
  return bare(report, ruleId, `${name}: ${verdictWords(verdict)}: ${reason ?? ''}`, `${name} ${status}`, target);
}

function resultsOfCell(report: Report, { cell, judgement }: JudgedCell): readonly Result[] {
  const { target, strategy, kind, findings, truth, status, why } = cell;
  const bad = judgement === 'wrong' || judgement === 'unjudged';
  const row = { target, strategy, mode: 'shared' } as const;
  const results = findings.map((finding) => {
    const race = `${fingerprintOf(row, finding)}, ${kind}`;
    return resultOf(report, finding, {
      target,
      name: cellName(cell),
      race,
      isError: bad && !truth.includes(finding.class),
    });
  });
  if (!bad || results.some(({ level }) => level === 'error')) return results;
  const ruleId = status === 'INCONCLUSIVE' ? 'INCONCLUSIVE' : 'NOT_PROVOKED';
  const text = `${cellName(cell)}: ${cellWords(cell)}: ${why}`;
  return [...results, bare(report, ruleId, text, `${cellName(cell)} ${status}`, target)];
}

interface About {
  readonly target: string;
  readonly name: string;
  /** What it is known by from run to run. */
  readonly race: string;
  readonly isError: boolean;
}

function resultOf(report: Report, finding: RecordedFinding, { target, name, race, isError }: About): Result {
  const { replay } = finding;
  const { replayWith = byReplay } = report;
  const location = locationOf(report, target, finding, name);
  const flow = codeFlowOf(finding, location);
  const how = replay === undefined ? '' : `\nReplay it: ${replayWith(quoted(replay))}`;
  return {
    ruleId: finding.class,
    level: isError ? 'error' : 'note',
    message: { text: plain(`${name}: ${finding.message}${how}`) },
    locations: [location],
    partialFingerprints: fingerprints(race),
    ...(report.comparison === undefined ? {} : { baselineState: isError ? 'new' : 'unchanged' }),
    ...(flow === undefined ? {} : { codeFlows: [flow] }),
  };
}

function resultOfChange(report: Report, { kind, row, message, fingerprint }: Change, target?: string): Result {
  return {
    ...bare(report, `baseline/${kind}`, `${row}: ${message}`, `${fingerprint ?? row} ${kind}`, target),
    baselineState: 'new',
  };
}

function bare(report: Report, ruleId: RuleId, text: string, race: string, target?: string): Result {
  const place = placeOf(report, target) ?? { path: report.comparison?.baseline ?? 'collide', line: 1 };
  return {
    ruleId,
    level: 'error',
    message: { text: plain(text) },
    locations: [locationIn(SOURCES, place.path, race, place.line)],
    partialFingerprints: fingerprints(race),
  };
}

const placeOf = ({ places = {} }: Report, target: string | undefined): { path: string; line: number } | undefined =>
  target !== undefined && Object.hasOwn(places, target) ? places[target] : undefined;

/** Where its writers are written down, if that is in the user's repository; else the file that they met at. */
function locationOf(
  report: Report,
  target: string,
  { witness, critical }: RecordedFinding,
  name: string,
): SarifLocation {
  const place = placeOf(report, target);
  if (place !== undefined) return locationIn(SOURCES, place.path, name, place.line);
  const met = critical === undefined ? undefined : witness.steps?.[critical.second]?.path;
  return locationIn(RESOURCE, met || Object.keys(witness.final)[0] || target, name);
}

/**
 * Code scanning knows alerts by the first of these alone, and would make it of the line, which is the same for all strategies of a
 * target; so it is made of the race.
 */
const fingerprints = (race: string): Readonly<Record<string, string>> => ({
  primaryLocationLineHash: `${createHash('sha256').update(race).digest('hex').slice(0, 16)}:1`,
  'race/v1': race,
});

/** `[text](1)` would be a link. */
const plain = (text: string): string => text.replaceAll(/\[(?=[^\]]*\]\()/g, '\\[');

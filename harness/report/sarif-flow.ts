/** An interleaving as SARIF has it: a thread flow for each session, and the order over all of them in `executionOrder`. */

import type { Step } from '../history/step.ts';
import type { RecordedFinding } from '../verdict/verdict.ts';
import { stepWords } from './step-words.ts';
import { criticalIn, criticalWords, destructiveIn, destructiveWords, headingOf, spokenOfIn } from './timeline.ts';

export interface SarifLocation {
  readonly physicalLocation: object;
  readonly logicalLocations?: readonly object[];
  readonly message?: { readonly text: string };
}

/** @param path as files are called: any text. */
export const locationIn = (base: string, path: string, name: string, line?: number): SarifLocation => ({
  physicalLocation: {
    artifactLocation: { uri: uriOf(path), uriBaseId: base },
    ...(line === undefined ? {} : { region: { startLine: line } }),
  },
  logicalLocations: [{ fullyQualifiedName: name }],
});

const uriOf = (path: string): string => path.toWellFormed().split('/').map(encodeURIComponent).join('/') || '.';

/** Of one result code scanning shows so many, and keeps ten times as many. */
const STEPS_MAX = 1_000;

/** Undefined where single steps were not seen. */
export function codeFlowOf(finding: RecordedFinding, { physicalLocation }: SarifLocation): object | undefined {
  const { steps = [], sessions } = finding.witness;
  if (steps.length === 0) return undefined;
  const critical = criticalIn(finding);
  const destructive = destructiveIn(finding);
  const decisive = new Set(spokenOfIn(finding));
  const words = [
    ...(critical === undefined ? [] : [criticalWords(critical, finding.witness)]),
    ...(destructive === undefined ? [] : [destructiveWords(destructive, finding.witness)]),
  ];
  // The end is what matters: what went wrong went wrong there.
  const kept = [...steps.entries()].slice(-STEPS_MAX);
  const bySession = Map.groupBy(kept, ([, { session }]) => session);
  return {
    ...(words.length === 0 ? {} : { message: { text: words.join(' ') } }),
    threadFlows: [...bySession]
      .sort(([a], [b]) => a - b)
      .map(([session, own]) => ({
        id: `s${session}`,
        message: { text: headingOf(session, sessions) },
        locations: own.map(([at, step]) => ({
          location: { physicalLocation, message: { text: stepWords(step) } },
          executionOrder: at + 1,
          importance: decisive.has(at) ? 'essential' : changes(step) ? 'important' : 'unimportant',
        })),
      })),
  };
}

const changes = ({ accesses }: Step): boolean => accesses?.some(({ mode }) => mode !== 'read') ?? true;

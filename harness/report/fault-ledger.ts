/** What the audit ledger says of strategies under faults. */

import type { FaultKind } from '../scenario/faults.ts';
import type { FaultVerdict } from '../verdict/fault-verdict.ts';
import type { FaultResults } from './fault-results.ts';
import { row } from './markdown.ts';
import { cellWords, marksWords } from './matrix.ts';

/** One cell of the matrix, for a reader of the ledger. */
export interface JudgedFault {
  readonly strategy: string;
  readonly kind: FaultKind;
  readonly verdict: string;
  readonly why: string;
  /** Witnesses, one for each class. */
  readonly replay: readonly string[];
}

/** Of one target, without what can't happen to it. */
export const faultsOf = (target: string, { faults }: FaultResults): readonly JudgedFault[] =>
  faults
    .filter((verdict) => verdict.target === target && verdict.status !== 'NONE')
    .map((verdict) => ({
      strategy: verdict.strategy,
      kind: verdict.kind,
      verdict: verdict.status === 'COLLIDES' ? verdict.classes.join(' + ') : verdict.status,
      why: verdict.why,
      replay: verdict.findings.flatMap(({ replay }) => replay ?? []),
    }));

export function faultSection({ faults, options, machine, points, executions }: FaultResults): readonly string[] {
  const broken = faults.filter(({ status }) => status === 'COLLIDES');
  const byStrategy = [...Map.groupBy(faults, ({ target, strategy }) => `${target}/${strategy}`)];
  return [
    '## Under faults',
    '',
    `Measured by \`collide faults --targets ${options.targets.join(',')} --kinds ${options.kinds.join(',')}\`: ` +
      `${points} different faults in ${executions} executions, seed ${options.seed}, on ${machine.platform} ${machine.release}.`,
    '',
    `${marksWords((mark) => `\`${mark}\``)}.`,
    '',
    `| strategy | ${options.kinds.join(' | ')} |`,
    `| --- |${options.kinds.map(() => ' --- |').join('')}`,
    ...byStrategy.map(([name, verdicts]) =>
      row([`\`${name}\``, ...options.kinds.map((kind) => cellOf(verdicts.find((verdict) => verdict.kind === kind)))]),
    ),
    '',
    ...(broken.length === 0 ? [] : ['What breaks them, and why:', '', ...broken.map(explained), '']),
  ];
}

const cellOf = (verdict: FaultVerdict | undefined): string => (verdict === undefined ? '' : cellWords(verdict));

function explained({ target, strategy, kind, classes, why, findings }: FaultVerdict): string {
  const witnesses = findings.flatMap(({ replay }) => (replay === undefined ? [] : [`\`collide replay ${replay}\``]));
  return `- \`${target}/${strategy}\`, ${kind}: ${classes.join(' + ')}. ${why} ${witnesses.join(', ')}`.trim();
}

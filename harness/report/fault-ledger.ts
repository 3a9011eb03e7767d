/** What the audit ledger says of strategies under faults. */

import type { FaultKind } from '../scenario/faults.ts';
import type { FaultVerdict } from '../verdict/fault-verdict.ts';
import type { FaultResults } from './fault-results.ts';
import { code, tableHead, tableRow } from './markdown.ts';
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

/** @param toTarget a target's name, linked to its section: there it is said what breaks, and why. */
export function faultSection(
  { faults, options, machine, points, executions }: FaultResults,
  toTarget: (target: string) => string,
): readonly string[] {
  const byStrategy = [...Map.groupBy(faults, ({ target, strategy }) => JSON.stringify([target, strategy])).values()];
  // A kind that nothing can come of anywhere takes no column.
  const kinds = options.kinds.filter((kind) => faults.some((each) => each.kind === kind && each.status !== 'NONE'));
  const command = `collide faults --targets ${options.targets.join(',')} --kinds ${options.kinds.join(',')}`;
  return [
    '## Under faults',
    '',
    `Measured by ${code(command)}: ` +
      `${points} different faults in ${executions} executions, seed ${options.seed}, on ${machine.platform} ${machine.release}.`,
    '',
    `${marksWords((mark) => code(short(mark)))}. ✗: it breaks; with its target stands why.`,
    '',
    ...tableHead(['target', 'strategy', ...kinds]),
    ...byStrategy.map((verdicts) => {
      const [{ target, strategy }] = verdicts as [FaultVerdict];
      const cells = kinds.map((kind) => cellOf(verdicts.find((verdict) => verdict.kind === kind)));
      return tableRow([toTarget(target), code(strategy), ...cells]);
    }),
    '',
  ];
}

/** Numbers stand for themselves: what breaks has none. */
const short = (mark: string): string => mark.replace('SAFE ', '');

/** Ten columns are wide: the words stand with the target. */
function cellOf(verdict: FaultVerdict | undefined): string {
  switch (verdict?.status) {
    case undefined:
      return '';
    case 'SAFE':
    case 'NONE':
      return short(cellWords(verdict));
    case 'COLLIDES':
      return '✗';
    default:
      return '?';
  }
}

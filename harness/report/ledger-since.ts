/** What has changed since an older ledger, on the terminal. */

import { changeWords, type LedgerChange } from './ledger-changes.ts';
import type { RunRef } from './ledger-history.ts';
import { amount } from './words.ts';

/** @param path where it is. */
export function sinceWords(path: string, { id, startedAt }: RunRef, changes: readonly LedgerChange[]): string {
  const when = startedAt === undefined ? `run ${id}` : `${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC`;
  const [kind, target] = (['kind', 'target'] as const).map((key) =>
    Math.max(0, ...changes.map((change) => change[key].length)),
  );
  return [
    `Since ${when} (${path}): ${changes.length === 0 ? 'nothing has changed' : amount(changes.length, 'change')}.`,
    ...changes.map(
      (change) => `  ${change.kind.padEnd(kind!)}  ${change.target.padEnd(target!)}  ${changeWords(change)}`,
    ),
    '',
  ].join('\n');
}

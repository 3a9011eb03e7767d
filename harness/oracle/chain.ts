import { createHash } from 'node:crypto';
import { excerpt, findingIf, type Oracle, someOf } from './finding.ts';

/**
 * A hash-chained ledger: each line carries the SHA-256 of the whole line before it (`prev`; of the empty string for the
 * first), so two entries built on one predecessor, or a line changed later, no longer verify (FORKED_CHAIN).
 */
export const unbrokenChain =
  (file: string): Oracle =>
  (execution) => {
    const lines = (execution.final[file] ?? '').split('\n').slice(0, -1);
    const broken = lines.flatMap((line, at) => {
      const expected = sha256(lines[at - 1] ?? '');
      const prev = prevOf(line);
      return prev === expected ? [] : [`line ${at + 1} ${excerpt(line, 40)} does not continue line ${at}`];
    });
    return findingIf('FORKED_CHAIN', broken, () => someOf(broken, 1));
  };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function prevOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { prev?: unknown }).prev;
  } catch {
    return undefined;
  }
}

/** How a target was at earlier ledgers. */

import { limits } from '../limits.ts';
import type { Measured } from './ledger.ts';

/** Which run it was. */
export interface RunRef {
  /** Of what it measured: 12 hexadecimal digits. */
  readonly id: string;
  /** ISO 8601, UTC; older results do not say. */
  readonly startedAt?: string;
}

/** What was said of a target from this run on, until the next one in the list. */
export interface Past {
  /** The id of the first run that said so. */
  readonly run: string;
  readonly startedAt?: string;
  /** Of the writer as found. */
  readonly verdict: string;
  readonly strength: string;
  /** Only where there is a fix. */
  readonly fixVerdict?: string;
  readonly fixStrength?: string;
  readonly status: string;
  readonly contradicted: boolean | null;
}

export const pastOf = (
  { before, after, status, contradicted }: Pick<Measured, 'before' | 'after' | 'status' | 'contradicted'>,
  { id, startedAt }: RunRef,
): Past => ({
  run: id,
  ...(startedAt === undefined ? {} : { startedAt }),
  verdict: before.verdict,
  strength: before.strength,
  ...(after === null ? {} : { fixVerdict: after.verdict, fixStrength: after.strength }),
  status,
  contradicted,
});

/** What comes of a history with one more run; a run that is its last one already takes its own place. */
export function continued(history: readonly Past[], now: Past): readonly Past[] {
  const earlier = history.at(-1)?.run === now.run ? history.slice(0, -1) : history;
  const last = earlier.at(-1);
  const same = last !== undefined && said(last) === said(now);
  return (same ? earlier : [...earlier, now]).slice(-limits.ledgerHistory);
}

/** All of it but when. */
const said = ({ verdict, strength, fixVerdict, fixStrength, status, contradicted }: Past): string =>
  JSON.stringify([verdict, strength, fixVerdict, fixStrength, status, contradicted]);

/** What a verdict rests on, in one word: it changes where that matters, and not from run to run as numbers do. */

import { collisionClasses } from '../oracle/finding.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { amount } from './words.ts';

/** `bounded-2` and its like stand for a number of preemptions. */
export const STRENGTH = /^(witness|exhaustive|bounded-\d+|storm|partial|none)$/;

/**
 * Of a collision: `witness`, an execution that can be made again, or `storm`, seen while sessions ran free. Of all else:
 * `exhaustive`, `bounded-N` preemptions, `storm`, `partial` (some interleavings, and no storm), or `none`.
 */
export function restsOn({
  status,
  level,
  findings,
  strength,
}: Pick<Verdict, 'status' | 'level' | 'findings' | 'strength'>): string {
  if (status === 'COLLIDES') return findings.some(({ replay }) => replay !== undefined) ? 'witness' : 'storm';
  const { explored, stormed } = strength ?? {};
  if (level === 'sampled') return stormed === undefined || stormed.rounds === 0 ? 'partial' : 'storm';
  if (explored?.kind === 'exhaustive') return 'exhaustive';
  if (explored?.kind === 'bounded') return `bounded-${explored.preemptions ?? 0}`;
  if (stormed !== undefined) return 'storm';
  return explored === undefined ? 'none' : 'partial';
}

/** What a ledger without such words says in its evidence: `≤ 1 preemption (274); 0 of 15 rounds, p < 19 %`. */
export function restsOnIn(verdict: string, evidence: string): string {
  if (isCollision(verdict)) return /(^|; )replay /.test(evidence) ? 'witness' : 'storm';
  const bound = /(?:^|; )≤ (\d+) preemption/.exec(evidence)?.[1];
  if (bound !== undefined) return `bounded-${bound}`;
  if (/(^|; )(all [\d,]+ interleavings|1 interleaving: nothing conflicts)/.test(evidence)) return 'exhaustive';
  if (/\d+ of \d+ rounds/.test(evidence)) return 'storm';
  return /interleaving/.test(evidence) ? 'partial' : 'none';
}

/** Are these words of a verdict nothing but classes? */
const isCollision = (verdict: string): boolean =>
  verdict.split(' + ').every((each) => Object.hasOwn(collisionClasses, each));

const order: readonly string[] = ['none', 'partial', 'storm'];

/** Of the same verdict, more is stronger. */
export function strengthRank(strength: string): number {
  const bound = /^bounded-(\d+)$/.exec(strength)?.[1];
  if (bound !== undefined) return order.length + Number(bound);
  return order.includes(strength) ? order.indexOf(strength) : Number.POSITIVE_INFINITY;
}

/** For people, and short. */
export function restsOnWords(strength: string): string {
  const bound = /^bounded-(\d+)$/.exec(strength)?.[1];
  if (bound !== undefined) return `≤ ${amount(Number(bound), 'preemption')}`;
  return words[strength] ?? strength;
}

const words: Readonly<Record<string, string>> = {
  witness: 'witness',
  exhaustive: 'all interleavings',
  storm: 'storm only',
  partial: 'some interleavings',
  none: '–',
};

/** What a topology amounts to, below the summary of a run under it. */

import { type Cause, type Judgement, type Safety, type Tier, tiers } from '../verdict/tier.ts';
import { verdictWords } from './words.ts';
import { wrapped } from './wrap.ts';

export function safetyWords({ topology, shared, targets, asFound, withFixes }: Safety, columns: number): string {
  return [
    `Topology ${topology}: ${shared}.`,
    `As found: ${judgementWords(asFound)}`,
    `With the fixes: ${judgementWords(withFixes)}`,
    `${targets === 1 ? '1 target' : `${targets} targets`} of this run. ${rule}`,
  ]
    .flatMap((paragraph) => wrapped(paragraph, columns, '  '))
    .join('\n');
}

/** How a tier is found, in one sentence. */
export const rule = `${Object.entries(tiers)
  .map(([tier, meaning]) => `${tier}: ${meaning}`)
  .join('. ')}.`;

function judgementWords({ tier, causes, uncoordinated }: Judgement): string {
  const because = reasons.flatMap(([why, words]) => {
    const concerned = causes.filter((cause) => cause.why === why && counts(cause, tier));
    return concerned.length === 0 ? [] : [words(concerned)];
  });
  const rest = causes.filter((cause) => !counts(cause, tier)).length;
  return [
    because.length === 0 ? `${tier}.` : `${tier}, because ${because.join('; ')}.`,
    ...(rest === 0 ? [] : [`${rest === 1 ? '1 other target' : `${rest} other targets`} would make it Risky.`]),
    ...(uncoordinated === undefined
      ? []
      : [`Where sessions in different directories never go for the same thing: ${uncoordinated}.`]),
  ].join(' ');
}

/** What is Risky is no reason for Dangerous. */
const counts = (cause: Cause, tier: Tier): boolean => cause.tier === tier;

const reasons: readonly (readonly [Cause['why'], (causes: readonly Cause[]) => string])[] = [
  ['collides', (causes) => `of ${causes.map(named).join(', ')}`],
  [
    'apart',
    (causes) =>
      causes.length === 1
        ? `${named(causes[0]!)} exists to coordinate sessions, and does not reach into another directory`
        : `${causes.map(named).join(', ')} exist to coordinate sessions, and do not reach into another directory`,
  ],
  ['unknown', (causes) => `nothing is known of ${causes.map(named).join(', ')}`],
];

function named({ target, why, verdict }: Cause): string {
  if (verdict === undefined) return `${target} (not run)`;
  // There is no other writer: what is left is whoever looks without a lock.
  const own = why === 'collides' && verdict.mode !== 'shared' ? ', seen by its own reader' : '';
  return `${target} (${verdictWords(verdict)}${own})`;
}

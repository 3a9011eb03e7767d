import { collisionClasses } from '../oracle/finding.ts';
import { type Level, levels } from '../verdict/level.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { WITHOUT_VERDICT } from './judged.ts';
import { type Results, unexpectedOf } from './results.ts';
import { amount, durationWords, effortWords, modeWords, statusWords, verdictWords } from './words.ts';

/** The lines below the table: how many of what, what is missing, what is wrong, and how it was measured. */
export function summary(results: Results): string {
  const { verdicts, options } = results;
  return [
    ...byClass(verdicts),
    '',
    ...notProvoked(verdicts),
    ...skipped(verdicts),
    ...verdictLine(results),
    '',
    ...(results.noGate === undefined ? [] : [`Storm only: ${results.noGate.replaceAll(/\s+/g, ' ')}`]),
    ...differences(verdicts),
    `${effortWords(results) || 'Nothing was run'} in ${durationWords(results.durationMs)}, ` +
      `up to ${options.writers} writers, seed ${options.seed}${startSkew(verdicts)}${replaced(results.sessionsReplaced)}.`,
  ].join('\n');
}

/** How different the explored executions really were: many that are alike would show nothing. */
function differences(verdicts: readonly Verdict[]): readonly string[] {
  const explored = verdicts.flatMap(({ strength }) => strength?.explored ?? []);
  if (explored.length === 0) return [];
  const sum = (of: 'traces' | 'reordered'): string =>
    explored.reduce((total, one) => total + one[of], 0).toLocaleString('en-US');
  return [
    `Explored: ${sum('traces')} different interleavings, ${sum('reordered')} pairs of conflicting steps seen in both orders.`,
  ];
}

function byClass(verdicts: readonly Verdict[]): readonly string[] {
  const count = (predicate: (verdict: Verdict) => boolean): number => verdicts.filter(predicate).length;
  const classes = Object.entries(collisionClasses).map(
    ([kind, meaning]) =>
      [kind, count(({ classes }) => (classes as readonly string[]).includes(kind)), meaning] as const,
  );
  const statuses = [
    ...safeByLevel(verdicts),
    [
      'not provoked',
      count(({ status }) => status === 'NOT_PROVOKED'),
      'known to collide, but nothing that was tried shows it: not SAFE',
    ],
    [
      'VACUOUS',
      count(({ status }) => status === 'VACUOUS'),
      'nothing was tested: the sessions never overlapped, or never touched what counts',
    ],
    ['BROKEN_ALONE', count(({ status }) => status === 'BROKEN_ALONE'), 'wrong with one session already: no race'],
    [
      'INCONCLUSIVE',
      count(({ status }) => status === 'INCONCLUSIVE'),
      'too little was shown, or the search broke off: the reason is below',
    ],
    ['SKIPPED', count(({ status }) => status === 'SKIPPED'), 'cannot be run here: the reason is below'],
  ] as const;
  const seen = [...classes, ...statuses].filter(([, number]) => number > 0);
  const width = Math.max(18, ...seen.map(([name]) => name.length));
  return seen.map(([name, number, meaning]) => `${String(number).padStart(4)}  ${name.padEnd(width)} ${meaning}`);
}

/** A line for each level that there is; those of before there were levels have none. */
function safeByLevel(verdicts: readonly Verdict[]): readonly (readonly [string, number, string])[] {
  const safe = verdicts.filter(({ status }) => status === 'SAFE');
  const rank = ({ level }: Verdict): number => (level === undefined ? levels.length : levels.indexOf(level));
  const strongestFirst = safe.toSorted((a, b) => rank(b) - rank(a) || bound(b) - bound(a));
  const byName = Map.groupBy(strongestFirst, (verdict) =>
    verdict.level === 'all' ? 'SAFE (all interleavings)' : statusWords(verdict),
  );
  return [...byName].map(([name, rows]) => [name, rows.length, meaningOf(rows[0]!)]);
}

const bound = ({ strength }: Verdict): number => strength?.explored?.preemptions ?? 0;

const meaningOf = ({ level }: Verdict): string =>
  level === undefined ? 'nothing was found; the strength says how far the search went' : safeMeanings[level];

const safeMeanings: Readonly<Record<Level, string>> = {
  all: 'nothing was found in any interleaving',
  bounded: 'nothing was found in any schedule with at most so many preemptions',
  sampled: 'nothing was found in a sample: the strength bounds the rate of collisions',
};

/** Rows that are as expected all the same; those that are not are named as such. */
function notProvoked(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.flatMap((verdict) => {
    if (verdict.status === 'NOT_PROVOKED' && verdict.asExpected) return [`${label(verdict)}: ${verdict.reason}`];
    if (verdict.status !== 'COLLIDES' || verdict.notProvoked.length === 0) return [];
    return [`${label(verdict)}: ${verdict.notProvoked.join(' + ')} not found`];
  });
}

/** Many rows may lack the same thing. */
function skipped(verdicts: readonly Verdict[]): readonly string[] {
  const rows = Map.groupBy(
    verdicts.filter(({ status }) => status === 'SKIPPED'),
    ({ reason }) => reason,
  );
  return [...rows].map(([reason, lacking]) => `${lacking.map(label).join(', ')}: SKIPPED, ${reason}`);
}

function verdictLine({ verdicts, interrupted, broken }: Results): readonly string[] {
  const unexpected = unexpectedOf(verdicts);
  const ran = verdicts.filter(({ status }) => status !== 'SKIPPED').length;
  const differing = unexpected.map((verdict) => `✗ ${label(verdict)}: ${verdictWords(verdict)}: ${verdict.reason}`);
  const done = `${amount(verdicts.length, 'row')} ${verdicts.length === 1 ? 'was' : 'were'}`;
  if (broken) return [...differing, `Broken off: ${done} done; the others have no verdict.`];
  if (interrupted) return [...differing, `Interrupted: ${done} done; the others have no verdict.`];
  if (unexpected.length > 0) {
    const unjudged = unexpected.filter(({ status }) => WITHOUT_VERDICT.has(status)).length;
    const wrong = unexpected.length - unjudged;
    return [
      ...differing,
      ...(wrong === 0
        ? []
        : [
            `${wrong} of ${amount(verdicts.length, 'row')} ${wrong === 1 ? 'differs from its' : 'differ from their'} truth.`,
          ]),
      ...(unjudged === 0
        ? []
        : [`${unjudged} of ${amount(verdicts.length, 'row')} ${unjudged === 1 ? 'has' : 'have'} no verdict.`]),
    ];
  }
  if (ran === 0) return ['No row could be run: nothing was tested.'];
  const could = ran === verdicts.length ? '' : ' that could be run';
  return ran === 1
    ? [`The one row${could} is as its truth says, as far as its strength goes.`]
    : [`All ${ran} rows${could} are as their truth says, as far as their strength goes.`];
}

export const label = ({ target, strategy, mode }: Verdict): string => `${target}/${strategy}${modeWords[mode]}`;

function startSkew(verdicts: readonly Verdict[]): string {
  const medians = verdicts.flatMap(({ startSkew }) => startSkew ?? []);
  if (medians.length === 0) return '';
  const worst = Math.max(...medians.map(({ p95Us }) => p95Us));
  const middle = medians.map(({ medianUs }) => medianUs).sort((a, b) => a - b)[medians.length >> 1]!;
  return `; sessions started within ${middle} µs of each other (median; ${worst} µs at the worst row's 95th percentile)`;
}

const replaced = (sessions: number): string => (sessions === 0 ? '' : `; ${sessions} sessions died and were replaced`);

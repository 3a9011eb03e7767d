/** What differs between two ledgers. */

import type { Past } from './ledger-history.ts';
import { restsOnWords, strengthRank } from './ledger-strength.ts';

/** In the order in which they are told. */
export const ledgerChangeKinds = {
  promoted: 'P2, said to be harmless: it collides now',
  collides: 'was VERIFIED, and collides now',
  demoted: 'collided, and is VERIFIED now',
  verdict: 'another verdict',
  status: 'another status',
  audit: "the audit's claim holds, or does not, unlike before",
  weaker: 'the same verdict, resting on less',
  stronger: 'the same verdict, resting on more',
  new: 'not in the last ledger',
  vanished: 'not in this run',
} as const;

export type LedgerChangeKind = keyof typeof ledgerChangeKinds;

export interface LedgerChange {
  readonly kind: LedgerChangeKind;
  readonly target: string;
  /** The change is one of the fix, and not of the writer as found. */
  readonly of?: 'fix';
  /** In the words of the ledger; null where there was nothing. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What a ledger says of its targets, in its order. */
export type Snapshot = ReadonlyMap<string, Past>;

/** @param absent what was last said of targets that the ledger before had not measured either. */
export function changesBetween(
  before: Snapshot,
  after: Snapshot,
  absent: Snapshot = new Map(),
): readonly LedgerChange[] {
  const now = [...after].flatMap(([target, past]): readonly LedgerChange[] => {
    const old = before.get(target) ?? absent.get(target);
    return old === undefined
      ? [{ kind: 'new', target, before: null, after: saidOf(past) }]
      : changesOf(target, old, past);
  });
  const gone = [...before].flatMap(([target, past]): readonly LedgerChange[] =>
    after.has(target) ? [] : [{ kind: 'vanished', target, before: saidOf(past), after: null }],
  );
  const kinds = Object.keys(ledgerChangeKinds);
  return [...now, ...gone].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

const saidOf = ({ status, verdict }: Past): string => `${status}: ${verdict}`;

function changesOf(target: string, old: Past, now: Past): readonly LedgerChange[] {
  const turned = turn(old, now);
  return [
    ...(turned === undefined
      ? [
          ...differing({ kind: 'verdict', target }, old.verdict, now.verdict),
          ...differing({ kind: 'status', target }, old.status, now.status),
        ]
      : [{ kind: turned, target, before: old.verdict, after: now.verdict }]),
    ...differing({ kind: 'verdict', target, of: 'fix' }, old.fixVerdict, now.fixVerdict),
    ...differing({ kind: 'audit', target }, auditWords(old.contradicted), auditWords(now.contradicted)),
    ...(sameVerdict(old.verdict, now.verdict) ? strengthened({ target }, old.strength, now.strength) : []),
    ...(sameVerdict(old.fixVerdict, now.fixVerdict)
      ? strengthened({ target, of: 'fix' }, old.fixStrength, now.fixStrength)
      : []),
  ];
}

/** What has become of the writer as found, where that is more than another verdict. */
function turn(old: Past, now: Past): LedgerChangeKind | undefined {
  if (now.status === 'PROMOTED' && old.status !== 'PROMOTED') return 'promoted';
  if (now.status === 'VERIFIED' && collided(old)) return 'demoted';
  return old.status === 'VERIFIED' && collided(now) ? 'collides' : undefined;
}

const collided = ({ status }: Past): boolean => /^(PROMOTED|APPLIED-.+|DEFERRED-(no-fix|.+-not-shown))$/.test(status);

const differing = (
  change: Pick<LedgerChange, 'kind' | 'target' | 'of'>,
  before: string | undefined,
  after: string | undefined,
): readonly LedgerChange[] =>
  sameVerdict(before, after) ? [] : [{ ...change, before: before ?? null, after: after ?? null }];

/** How much SAFE rests on is told by the strength. */
const sameVerdict = (one = '', other = ''): boolean => withoutLevel(one) === withoutLevel(other);

const withoutLevel = (verdict: string): string => verdict.replace(/^SAFE \(.*\)$/, 'SAFE');

function strengthened(
  change: Pick<LedgerChange, 'target' | 'of'>,
  before: string | undefined,
  after: string | undefined,
): readonly LedgerChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  const kind = strengthRank(after) > strengthRank(before) ? 'stronger' : 'weaker';
  return [{ ...change, kind, before: restsOnWords(before), after: restsOnWords(after) }];
}

/** What the evidence is to the audit's claim. */
export function auditWords(contradicted: boolean | null): string {
  if (contradicted === null) return 'neither';
  return contradicted ? 'contradicted' : 'agrees';
}

/** `SAFE → LAST_WRITER_WINS`, `the fix: SAFE → SKIPPED`; of what is new or has vanished, what is said of it. */
export function changeWords({ kind, of, before, after }: LedgerChange): string {
  if (kind === 'new' || kind === 'vanished') return after ?? before ?? '';
  return `${of === undefined ? '' : 'the fix: '}${before ?? 'none'} → ${after ?? 'none'}`;
}

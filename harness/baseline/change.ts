/** How a run differs from the baseline. Plain data: what `collide gate` says, and what reporters show of it. */

export const changeKinds = {
  worse: 'a race that the baseline does not have, or no verdict where there was one',
  weaker: 'the same verdict, resting on less',
  unknown: 'a row without an entry',
  vanished: 'an entry without a row',
  stale: 'an entry of a race that is no longer found',
  expired: 'an entry whose date has passed',
  uncompared: 'a row that could not be run this time',
  better: 'nothing is found any more where something was',
  stronger: 'the same verdict, resting on more',
} as const;

export type ChangeKind = keyof typeof changeKinds;

export interface Change {
  readonly kind: ChangeKind;
  /** As `rowName` has it. */
  readonly row: string;
  /** What was, what is, and what to do about it. */
  readonly message: string;
  /** Of a race. */
  readonly fingerprint?: string;
  /** The witness: what `collide replay` takes. */
  readonly replay?: string;
  /** Does the gate fail because of it? */
  readonly fails: boolean;
}

export interface Comparison {
  /** Path of the baseline. */
  readonly baseline: string;
  /** Rows that were compared. */
  readonly rows: number;
  /** Those that fail first, then by row. */
  readonly changes: readonly Change[];
}

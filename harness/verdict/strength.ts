import jstat from 'jstat';

/** What a verdict rests on. A storm's is a sample of what the operating system happens to do. */
export interface Sampled {
  readonly kind: 'sampled';
  /** Rounds in which operations of different sessions overlapped in time, and rounds that failed. */
  readonly rounds: number;
  /** How many of these collided. */
  readonly collided: number;
  /** Rounds that sessions did not come through. What they would have shown is not known, so the bound counts them as collided. */
  readonly failed: number;
  /** Rounds in which nothing overlapped. They are evidence of nothing. */
  readonly serial: number;
  /**
   * The probability that a round collides is below this, with 95 % confidence. Only where nothing collided: a row that
   * collides is ended when all was seen, and its rounds are no fair sample.
   */
  readonly upperBound: number;
}

export const sampled = (overlapping: number, collided: number, serial: number, failed = 0): Sampled => ({
  kind: 'sampled',
  rounds: overlapping + failed,
  collided,
  failed,
  serial,
  upperBound: upperBound(collided + failed, overlapping + failed),
});

/**
 * The one-sided 95 % upper confidence bound of a probability of which `hits` in `trials` were seen: exact, after
 * Clopper and Pearson (Biometrika, 1934). For 0 of n it is 1 - 0.05^(1/n), close to 3/n.
 */
export function upperBound(hits: number, trials: number): number {
  return hits >= trials ? 1 : jstat.jStat.beta.inv(0.95, hits + 1, trials - hits);
}

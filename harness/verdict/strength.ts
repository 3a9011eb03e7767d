import jstat from 'jstat';

/** What a verdict rests on. A storm's is a sample of what the operating system happens to do. */
export interface Sampled {
  readonly kind: 'sampled';
  /** Rounds in which operations of different sessions overlapped: only these could have collided. */
  readonly rounds: number;
  /** How many of these collided. */
  readonly collided: number;
  /** Rounds in which nothing overlapped. They are evidence of nothing. */
  readonly serial: number;
  /** The probability that a round collides is below this, with 95 % confidence. */
  readonly upperBound: number;
}

export const sampled = (rounds: number, collided: number, serial: number): Sampled => ({
  kind: 'sampled',
  rounds,
  collided,
  serial,
  upperBound: upperBound(collided, rounds),
});

/**
 * The one-sided 95 % upper confidence bound of a probability of which `hits` in `trials` were seen: exact, after
 * Clopper and Pearson (Biometrika, 1934). For 0 of n it is 1 - 0.05^(1/n), close to 3/n.
 */
export function upperBound(hits: number, trials: number): number {
  return hits >= trials ? 1 : jstat.jStat.beta.inv(0.95, hits + 1, trials - hits);
}

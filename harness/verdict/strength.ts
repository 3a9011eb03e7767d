import jstat from 'jstat';
import type { Omission } from '../history/omission.ts';

/** What a verdict rests on: how far the interleavings were searched, and how often free running hits one that collides. */
export interface Strength {
  /** Every interleaving of two writers, or as many of them as there was time for. */
  readonly explored?: Explored;
  /** Interleavings of all writers, drawn at random. */
  readonly probed?: Probed;
  readonly stormed?: Sampled;
  /** Rounds of the one session that there is, with nobody who looks: nothing could interleave. */
  readonly alone?: number;
}

/** An exploration of chosen interleavings. */
export interface Explored {
  /**
   * `exhaustive`: every interleaving, up to the order of steps that commute. `bounded`: every one with at most so many
   * preemptions. `partial`: some of them.
   */
  readonly kind: 'exhaustive' | 'bounded' | 'partial';
  /** Of `bounded`. */
  readonly preemptions?: number;
  readonly sessions: number;
  /** Of each writer. */
  readonly operations: number;
  readonly executions: number;
  /** How many of these differ in the order of steps that do not commute. */
  readonly traces: number;
  /** Pairs of conflicting steps of two sessions that were seen in both orders. */
  readonly reordered: number;
  /** Steps of the longest execution; 0: the resource was not touched at all. */
  readonly steps: number;
  /** What was not looked at. Where there is any, `kind` is `partial`, however the search ended. */
  readonly omitted?: readonly Omission[];
}

/** Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010). */
export interface Probed {
  /** A collision of this depth takes this many orderings of two steps to come about. */
  readonly depth: number;
  readonly sessions: number;
  readonly executions: number;
  readonly traces: number;
  readonly steps: number;
  /** With at least this probability a collision of this depth would have been found. */
  readonly guarantee: number;
  readonly omitted?: readonly Omission[];
}

/** A storm is a sample of what the operating system happens to do. */
export interface Sampled {
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
   * collides is ended when all was seen, and its rounds are no fair sample. 1: they bound nothing.
   */
  readonly upperBound: number;
}

export const sampled = (overlapping: number, collided: number, serial: number, failed = 0): Sampled => ({
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

/** Two significant digits, rounded up so that a bound stays one. */
export function percent(share: number): string {
  const value = share * 100;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  const rounded = Math.ceil(value / unit - 1e-9) * unit;
  return `${Number(rounded.toPrecision(3))} %`;
}

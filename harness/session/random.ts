import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws whole numbers from `from` to `to`, both included. */
export type Draw = (from: number, to: number) => number;

/** A random sequence of its own for every seed: `1/ingest-health/rmw/17/s2`. */
export function draws(seed: string): Draw {
  const random = xoroshiro128plus(createHash('sha256').update(seed).digest().readInt32LE());
  return (from, to) => uniformInt(random, from, to);
}

/** A number that only ever counted up, and went back: somebody wrote what follows from an old one. */

import type { Counted, Version } from './version.ts';

export interface Tally {
  readonly ups: number;
  readonly downs: number;
  readonly highest: number;
}

export type Tallies = ReadonlyMap<string, Tally>;

/** Names of numbers that are never meant to go down. */
const COUNTS =
  /(^|[_.\s-])(counts?|counter|total|seq|sequence|version|revision|rev|generation|serial|epoch|next|number|builds?|runs?|fires?|hits|n)($|[_.\s-])/;

/** Names of numbers that go up and down. */
const VARIES =
  /active|running|open|pending|remaining|left|avail|free|current|size|length|depth|level|load|usage|used|queue|cursor|offset|pos|page|retr|attempt|balance|ttl|pid|port|waiting|in_flight|inflight|connect|item|child|unread/;

/** So often up and never down is a counter, whatever its name. */
const UPS_OFTEN = 6;

export interface WentBack {
  readonly counted: Counted;
  readonly from: number;
}

/** @param next has lost nothing: the number of things goes down with them. @param file the name of the file, which is that of a number that stands there alone. */
export function wentBackIn(tallies: Tallies, next: Version, file: string): WentBack | undefined {
  for (const [path, counted] of next.numbers) {
    const tally = tallies.get(path);
    // To begin anew at 0 or 1 is to reset.
    if (tally === undefined || tally.downs > 0 || counted.value >= tally.highest || counted.value <= 1) continue;
    const name = inWords(counted.keys.at(-1) ?? file);
    if (VARIES.test(name)) continue;
    if (tally.ups >= UPS_OFTEN || (tally.ups > 0 && COUNTS.test(name))) return { counted, from: tally.highest };
  }
  return undefined;
}

/** `fireCount` and `fire-count` are `fire_count`. */
const inWords = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();

export function talliesAfter(tallies: Tallies, next: Version): Tallies {
  const after = new Map<string, Tally>();
  for (const [path, { value }] of next.numbers) {
    const { ups, downs, highest } = tallies.get(path) ?? { ups: 0, downs: 0, highest: value };
    after.set(path, {
      ups: ups + (value > highest ? 1 : 0),
      downs: downs + (value < highest ? 1 : 0),
      highest: value > highest ? value : value < highest ? value : highest,
    });
  }
  return after;
}

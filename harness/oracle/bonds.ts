/** Places where what is masked was the same in every serial run: whose values they are, nobody can say, but that they are equal. */

/** What is behind each mask, by its place, at one instant. */
export type Values = ReadonlyMap<string, string>;

/** Places that always held one value, the first of them before the others. */
export type Bond = readonly string[];

/** So many runs must agree: two values that are drawn apart don't, by chance. */
export const RUNS_MIN = 4;

/**
 * After so many sessions; where some of them are refused, it is as after fewer.
 *
 * @param runs what each of them held before its first session, and after each.
 */
export function bondsOf(runs: readonly (readonly Values[])[], sessions: number): readonly Bond[] {
  const ends = runs.flatMap((states) => states[sessions] ?? []);
  if (ends.length < RUNS_MIN) return [];
  const until = runs.flatMap((states) => states.slice(0, sessions + 1));
  const places = [...ends[0]!.keys()].filter((place) => isDrawn(ends.map((values) => values.get(place))));
  const alike = Map.groupBy(places, (place) => ends.map((values) => values.get(place)).join('\0'));
  return [...alike.values()].filter(
    (bond) => bond.length > 1 && until.every((values) => brokenIn([bond], values).size === 0),
  );
}

/** Places that don't hold what the first of their bond does. */
export function brokenIn(bonds: readonly Bond[], values: Values): ReadonlySet<string> {
  return new Set(
    bonds.flatMap((bond) => {
      const [first, ...others] = bond.filter((place) => values.has(place));
      return others.filter((place) => values.get(place) !== values.get(first!));
    }),
  );
}

/** Another value in each run, and too long for a counter. Two looks at a clock may be equal by chance. */
function isDrawn(values: readonly (string | undefined)[]): boolean {
  const drawn = values.filter((value) => value !== undefined && value.length >= CHARS_MIN);
  return (
    drawn.length === values.length &&
    new Set(drawn).size === values.length &&
    !drawn.every((value) => TIME.test(value!)) &&
    !drawn.some((value) => /[:.]/.test(value!))
  );
}

const CHARS_MIN = 3;

/** Seconds since 1970 or parts of them, dates, hours with minutes and seconds. */
const TIME = /^1\d{9}(\d{3}){0,3}$|^\d{4}-\d\d-\d\d|^20\d{6}(T?\d{4,9}Z?)?$|^([01]\d|2[0-3])[0-5]\d[0-5]\d$/;

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `500ms`, `45s`, `2m`, `1h`, in milliseconds; undefined where it is no time, or none at all. */
export function millisecondsIn(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * unitsMs[match[2]!]!;
  return ms > 0 ? ms : undefined;
}

export const EXPECTED_TIME = 'expected a time such as 500ms, 45s, 2m or 1h';

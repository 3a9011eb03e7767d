/** `5%`, `0.5 %`, `0.05`, as a share; undefined where it is none, or leaves nothing to show. */
export function rateIn(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)( ?%)?$/.exec(text);
  if (match === null) return undefined;
  const rate = Number(match[1]) / (match[2] === undefined ? 1 : 100);
  return rate > 0 && rate < 1 ? rate : undefined;
}

export const EXPECTED_RATE = 'expected a share between 0 and 1, such as 5% or 0.05';

/** What is shown stands in the fragment of the address: `#class=TORN_STATE&finding=ingest-health/rmw TORN_STATE&step=10`. */

export const filterNames = ['q', 'class', 'status', 'priority', 'unexpected'] as const;

export const address = (): URLSearchParams => new URLSearchParams(location.hash.slice(1));

/** `undefined` takes a part away. @param kept whether going back leads to what was before. */
export function setAddress(parts: Readonly<Record<string, string | undefined>>, kept: boolean): void {
  const next = addressWith(parts);
  if (next === location.hash || (next === '#' && location.hash === '')) return;
  if (kept) location.hash = next;
  else history.replaceState(history.state, '', next);
}

export function addressWith(parts: Readonly<Record<string, string | undefined>>): string {
  const params = address();
  for (const [name, value] of Object.entries(parts)) {
    if (value === undefined || value === '') params.delete(name);
    else params.set(name, value);
  }
  return `#${params.toString()}`;
}

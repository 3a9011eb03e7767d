import type { Scenario } from '../scenario/scenario.ts';

/** The built-in catalogue, and where session processes find it. */
export interface LoadedCatalogue {
  readonly catalogue: readonly Scenario[];
  readonly url: string;
}

export async function loadCatalogue(): Promise<LoadedCatalogue> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const url = new URL(`../../scenarios/index${extension}`, import.meta.url).href;
  const { catalogue } = (await import(url)) as { readonly catalogue: readonly Scenario[] };
  return { catalogue, url };
}

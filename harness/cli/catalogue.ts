import { basename, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/error.ts';
import { catalogueUrl, configIn, scenariosOf, valuesIn } from '../config/load.ts';
import { checked } from '../config/schema.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** All targets there are, and where session processes find them. */
export interface LoadedCatalogue {
  /** Those of the user's own come last. */
  readonly catalogue: readonly Scenario[];
  readonly url: string;
  readonly config?: LoadedConfig;
}

export interface LoadedConfig {
  readonly values: Config;
  readonly path: string;
  /** Ids of its targets. */
  readonly targets: readonly string[];
}

/**
 * The built-in catalogue, and the targets of a configuration.
 *
 * @param file as --config names it; without it, the one in the working directory, if there is any.
 */
export async function loadCatalogue(file?: string): Promise<LoadedCatalogue> {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const url = new URL(`../../scenarios/index${extension}`, import.meta.url).href;
  const { catalogue } = (await import(url)) as { readonly catalogue: readonly Scenario[] };
  const path = file === undefined ? configIn('.') : resolve(file);
  if (path === undefined) return { catalogue, url };
  const values = checked(await valuesIn(path), basename(path));
  const own = await scenariosOf({ file: path });
  const targets = own.map(({ id }) => id);
  const taken = targets.find((id) => catalogue.some((scenario) => scenario.id === id));
  if (taken !== undefined) throw new ConfigError(`${path}: there is a built-in target called '${taken}' already`);
  return {
    catalogue: [...catalogue, ...own],
    url: catalogueUrl({ file: path }, url),
    config: { values, path, targets },
  };
}

/** Finds a configuration, and turns its targets into scenarios. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from '../scenario/scenario.ts';
import type { Config } from './config.ts';
import { ConfigError } from './error.ts';
import { scenarioOf } from './targets.ts';

/** In this order. */
export const CONFIG_FILES = [
  'collide.config.ts',
  'collide.config.mts',
  'collide.config.js',
  'collide.config.mjs',
  'collide.config.json',
] as const;

/** The configuration of a directory; undefined where it has none. */
export const configIn = (dir: string): string | undefined =>
  CONFIG_FILES.map((name) => resolve(dir, name)).find((path) => existsSync(path));

/** What a configuration has, as it stands there. @throws {ConfigError} where it can't be read. */
export async function valuesIn(path: string): Promise<unknown> {
  const name = basename(path);
  if (!existsSync(path)) throw new ConfigError(`${path}: there is no such file; \`collide init\` writes one`);
  if (name.endsWith('.json')) return parsed(path, name);
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as typeof module;
  } catch (error) {
    const remedy =
      !/\.m/.test(name) && /outside a module|Unexpected token 'export'/.test((error as Error).message)
        ? `; package.json says that modules are CommonJS: call it ${name.replace(/\.m?([jt]s)$/, '.m$1')}`
        : '';
    throw new ConfigError(`${name} can't be loaded: ${(error as Error).message.split('\n')[0]}${remedy}`);
  }
  if (module.default !== undefined) return module.default;
  throw new ConfigError(`${name}: expected \`export default defineConfig({ targets: […] })\``);
}

function parsed(path: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${name} is not JSON: ${(error as Error).message}`);
  }
}

/** Where targets come from: a file, or data that somebody has put together, with the directory that its paths are relative to. */
export type Written =
  | { readonly file: string }
  | { readonly targets: Config['targets']; readonly dir: string; readonly name: string };

/** @param written as it was checked: session processes need not do that again, which would take longer than all else. */
export async function scenariosOf(written: Written): Promise<readonly Scenario[]> {
  const [targets, origin] =
    'file' in written
      ? [
          ((await valuesIn(written.file)) as Config).targets,
          { dir: dirname(written.file), name: basename(written.file) },
        ]
      : [written.targets, written];
  const scenarios: Scenario[] = [];
  for (const target of targets) scenarios.push(await scenarioOf(target, origin));
  return scenarios;
}

/** URL of the module that exports them, and those of another module, for the processes that do the work. */
export function catalogueUrl(written: Written, builtIn?: string): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const url = new URL(`./catalogue${extension}`, import.meta.url);
  url.searchParams.set('written', JSON.stringify(written));
  if (builtIn !== undefined) url.searchParams.set('builtIn', builtIn);
  return url.href;
}

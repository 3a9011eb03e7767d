/** The fixes of the catalogue, broken, each with the set-up and the oracles of its own scenario. */

import type { Scenario } from '../../harness/scenario/scenario.ts';
import { appends } from './appends.ts';
import { exclusive } from './exclusive.ts';
import { git } from './git.ts';
import { isolation } from './isolation.ts';
import { locks } from './locks.ts';
import { type Mutants, scenarioOf } from './mutant.ts';
import { replacing } from './replacing.ts';
import { servers } from './servers.ts';
import { shell } from './shell.ts';
import { sqlite } from './sqlite.ts';

export const mutants: Mutants = {
  ...locks,
  ...appends,
  ...replacing,
  ...exclusive,
  ...isolation,
  ...shell,
  ...sqlite,
  ...servers,
  ...git,
};

export const catalogue: readonly Scenario[] = Object.entries(mutants).map(([id, mutant]) => scenarioOf(id, mutant));

export const catalogueUrl = import.meta.url;

/** What session processes load for commands: the file that describes them is named in the URL, as `?set=PATH`. */

import { readFileSync } from 'node:fs';
import { type CommandSet, scenarioOf } from './commands.ts';
import type { Scenario } from './scenario.ts';

const set = JSON.parse(readFileSync(new URL(import.meta.url).searchParams.get('set')!, 'utf8')) as CommandSet;

export const catalogue: readonly Scenario[] = [scenarioOf(set)];

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultOptions, FaultResult } from '../campaign/upsetting.ts';
import type { Machine } from '../session/machine.ts';
import { replaceWhole } from './results.ts';

/** What `collide faults --json` prints and `faults.json` holds: the contract with other programs. */
export interface FaultResults extends FaultResult {
  readonly format: typeof FAULT_FORMAT;
  readonly options: Pick<FaultOptions, 'kinds' | 'faults' | 'preemptions' | 'seed' | 'budgetMs'> & {
    readonly targets: readonly string[];
  };
  readonly machine: Machine;
}

/** Changes whenever a reader of older results would misread newer ones. */
export const FAULT_FORMAT = 'collide-faults-1';

export const FAULT_FILE = 'faults.json';
const PARTIAL_FAULT_FILE = 'faults.partial.json';

/** As with the results of a run: what is only a part does not take the place of a whole. Returns the path. */
export const writeFaultResults = (out: string, results: FaultResults): string =>
  replaceWhole(join(out, results.interrupted ? PARTIAL_FAULT_FILE : FAULT_FILE), results);

/** Undefined where there are none, or none that can be read as such. */
export function faultResultsAt(path: string): FaultResults | undefined {
  try {
    const results = JSON.parse(readFileSync(path, 'utf8')) as FaultResults | null;
    return results?.format === FAULT_FORMAT ? results : undefined;
  } catch {
    return undefined;
  }
}

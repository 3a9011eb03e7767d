/** Which question a gate asks: that of its baseline, as far as nobody asks for another one. */

import { type BaselineRun, OWN_TARGETS } from '../baseline/baseline.ts';
import { limits } from '../limits.ts';
import type { Results } from '../report/results.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { selectTargets, UnknownTarget } from '../scenario/select.ts';
import type { LoadedCatalogue } from './catalogue.ts';
import { UsageError } from './exit.ts';

/** How far to search, and with how many sessions. */
export interface Asked {
  readonly steps?: number;
  readonly writers?: number;
  readonly seed?: number;
}

const numbers = ['steps', 'writers', 'seed'] as const;

const defaults: Required<Asked> = { steps: limits.gateSteps, writers: 4, seed: 1 };

export interface Questioned {
  /** As the baseline has it, where there is one. */
  readonly before: BaselineRun | undefined;
  readonly path: string;
  /** May it be another question? */
  readonly update: boolean;
  /** Targets that were named on the command line. */
  readonly named: readonly string[] | undefined;
}

/**
 * @param said on the command line, or by a stored run; `of` is how to name that.
 * @throws {UsageError} where that and the baseline contradict each other.
 */
export function questionOf(
  said: Asked,
  of: (name: keyof Asked) => string,
  { before, path, update, named }: Questioned,
  loaded: LoadedCatalogue,
): BaselineRun {
  const other = numbers.find((name) => said[name] !== undefined && before !== undefined && said[name] !== before[name]);
  if (other !== undefined && (!update || named !== undefined)) {
    throw new UsageError(
      `${of(other)}: ${path} was made with --${other} ${before![other]}: ask the same, ` +
        `or make another baseline of all its targets with --update --${other} ${said[other]}`,
    );
  }
  const own = loaded.config?.values;
  const [steps, writers, seed] = numbers.map(
    (name) => said[name] ?? before?.[name] ?? own?.[name] ?? defaults[name],
  ) as [number, number, number];
  const targets = before === undefined ? (named ?? allTargets(loaded)) : withNamed(before.targets, named, path, loaded);
  return { engine: 'explore', steps, writers, seed, targets };
}

const allTargets = ({ config }: LoadedCatalogue): BaselineRun['targets'] =>
  config === undefined ? ['all'] : OWN_TARGETS;

/** A target that was named, and is not among those of the baseline, will be. */
function withNamed(
  targets: BaselineRun['targets'],
  named: readonly string[] | undefined,
  path: string,
  loaded: LoadedCatalogue,
): BaselineRun['targets'] {
  const among = scenariosFor(targets, loaded);
  const added = (named ?? []).filter(
    (name) => !selectTargets(loaded.catalogue, [name]).every((scenario) => among.includes(scenario)),
  );
  if (added.length === 0) return targets;
  if (targets !== OWN_TARGETS) return [...targets, ...added];
  throw new UsageError(
    `--targets ${added.join(',')}: ${path} is of the targets of the configuration: keep others in another --baseline`,
  );
}

/** The scenarios that there are of those that are asked for: a target that is gone is told by its rows. */
export function scenariosFor(
  targets: BaselineRun['targets'],
  { catalogue, config }: LoadedCatalogue,
): readonly Scenario[] {
  const names = targets === OWN_TARGETS ? (config?.targets ?? []) : targets;
  const selected = new Set(names.flatMap((name) => selectedBy(name, catalogue)));
  return catalogue.filter((scenario) => selected.has(scenario));
}

function selectedBy(name: string, catalogue: readonly Scenario[]): readonly Scenario[] {
  try {
    return selectTargets(catalogue, [name]);
  } catch (error) {
    if (error instanceof UnknownTarget) return [];
    throw error;
  }
}

/** What a stored run was asked. @throws {UsageError} where no gate asks that. */
export function askedOf({ options, interrupted, broken }: Results, path: string): Required<Asked> {
  const { engine, steps, writers, seed, topology } = options;
  const refused = (difference: string): UsageError =>
    new UsageError(
      `--in ${path} holds a run ${difference}: \`collide run --engine explore --steps ${limits.gateSteps}\` makes one that can be compared`,
    );
  if (interrupted || broken !== undefined) throw refused('that did not come to its end');
  if (engine !== 'explore') throw refused(`with --engine ${engine}, of which a part is luck`);
  if (steps === undefined) throw refused('that time has ended, and not a number of --steps');
  if (topology !== undefined) throw refused(`with --topology ${topology}`);
  return { steps, writers, seed };
}

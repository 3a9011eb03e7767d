/** The run that a gate compares: explored now, or stored before. */

import type { BaselineRun } from '../baseline/baseline.ts';
import { runCampaign } from '../campaign/campaign.ts';
import type { CampaignResult } from '../campaign/result.ts';
import { FORMAT, type Results } from '../report/results.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { thisMachine } from '../session/machine.ts';
import { rowName } from '../verdict/fingerprint.ts';
import { defaultRequirement, type Requirement } from '../verdict/level.ts';
import { UsageError } from './exit.ts';
import { progressDisplay } from './progress.ts';

/** Nothing that a gate says may depend on time: the steps decide. */
const UNLIMITED_MS = 24 * 3_600_000;

/** @param catalogue its URL, for the sessions. */
export async function explored(
  question: BaselineRun,
  scenarios: readonly Scenario[],
  catalogue: string,
  signal: AbortSignal,
  required?: Requirement,
): Promise<Results> {
  const { steps, writers, seed } = question;
  const { level, maxRate } = required ?? defaultRequirement;
  const asked = {
    ...(level === defaultRequirement.level ? {} : { require: level }),
    ...(maxRate === defaultRequirement.maxRate ? {} : { maxRate }),
  };
  const options = { engine: 'explore', writers, modes: ['shared'], seed, steps, budgetMs: UNLIMITED_MS } as const;
  const progress = progressDisplay(process.stderr, undefined);
  const campaign = await runCampaign(
    { ...options, scenarios, catalogue, required: { level, maxRate } },
    signal,
    progress.watch,
  ).finally(() => progress.done());
  const targets = scenarios.map(({ id }) => id);
  const startedAt = new Date(performance.timeOrigin).toISOString();
  return {
    format: FORMAT,
    startedAt,
    options: { ...options, targets, rounds: null, ...asked },
    machine: thisMachine(),
    ...campaign,
  };
}

/** Those of the strategies, and nothing else. */
export const onlyRows = (scenarios: readonly Scenario[], rows: ReadonlySet<string>): readonly Scenario[] =>
  scenarios.flatMap((scenario) => {
    const strategies = Object.entries(scenario.strategies).filter(([strategy]) =>
      rows.has(rowName({ target: scenario.id, strategy, mode: 'shared' })),
    );
    return strategies.length === 0 ? [] : [{ ...scenario, strategies: Object.fromEntries(strategies) }];
  });

/** A run with some of its rows run once more. */
export function repeated(first: Results, second: CampaignResult): Results {
  const again = new Map(second.verdicts.map((verdict) => [rowName(verdict), verdict]));
  return {
    ...first,
    verdicts: first.verdicts.map((verdict) => again.get(rowName(verdict)) ?? verdict),
    interrupted: second.interrupted,
    ...(second.broken === undefined ? {} : { broken: second.broken }),
    durationMs: first.durationMs + second.durationMs,
    executions: first.executions + second.executions,
    sessionsReplaced: first.sessionsReplaced + second.sessionsReplaced,
  };
}

/** The rows of a stored run that are asked for. @throws {UsageError} where it has none of a target. */
export function restricted(results: Results, scenarios: readonly Scenario[], path: string): Results {
  const missing = scenarios.find(({ id }) => !results.verdicts.some(({ target }) => target === id));
  if (missing !== undefined) {
    throw new UsageError(`--in ${path} has no row of ${missing.id}: run it with the same --targets`);
  }
  const ids = new Set(scenarios.map(({ id }) => id));
  return { ...results, verdicts: results.verdicts.filter(({ target, mode }) => ids.has(target) && mode === 'shared') };
}

import { rowName } from '../verdict/fingerprint.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { type Baseline, type BaselineRun, baselineOf, partsOf } from './baseline.ts';
import { targetOf } from './compare.ts';

export interface Updated {
  readonly baseline: Baseline;
  /** Rows that could not be run, and keep the entry that they have. */
  readonly kept: readonly Verdict[];
  /** Rows that are written down without a verdict: nothing holds them to anything. */
  readonly without: readonly Verdict[];
}

/**
 * The baseline that a run comes to. What people have written of races that are still found stays; a row that can't be run here
 * keeps its entry, as long as it is the answer to the same question.
 *
 * @param among the targets that were run, where others keep their entries.
 */
export function updated(
  before: Baseline | undefined,
  run: BaselineRun,
  verdicts: readonly Verdict[],
  among: (target: string) => boolean = () => true,
): Updated {
  const same = before !== undefined && sameQuestion(before.run, run);
  const kept = verdicts.filter((verdict) => {
    const was = before?.rows[rowName(verdict)];
    return same && verdict.status === 'SKIPPED' && was !== undefined && was.status !== 'SKIPPED';
  });
  const fresh = baselineOf(
    run,
    verdicts.filter((verdict) => !kept.includes(verdict)),
  );
  const keeps = new Set(kept.map(rowName));
  const stays = (row: string): boolean => keeps.has(row) || !among(targetOf(row));
  const rows = Object.entries(before?.rows ?? {}).filter(([row]) => stays(row));
  const findings = Object.entries(before?.findings ?? {}).filter(
    ([race]) => race in fresh.findings || stays(partsOf(race)!.row),
  );
  return {
    baseline: {
      run,
      rows: { ...fresh.rows, ...Object.fromEntries(rows) },
      findings: { ...fresh.findings, ...Object.fromEntries(findings) },
    },
    kept,
    without: verdicts.filter(
      (verdict) => !kept.includes(verdict) && !['SAFE', 'COLLIDES', 'NOT_PROVOKED'].includes(verdict.status),
    ),
  };
}

/** Do both runs search the same way? They may be of different targets. */
export const sameQuestion = (one: BaselineRun, other: BaselineRun): boolean =>
  one.steps === other.steps && one.seed === other.seed && one.writers === other.writers;

import type { Mode } from '../history/execution.ts';
import type { Step } from '../history/step.ts';
import type { RecordedFinding, Verdict } from './verdict.ts';

/** `daily-log/check-header`, and with how the sessions have it where they do not share it: `daily-log/append@per-session`. */
export const rowName = ({ target, strategy, mode }: Pick<Verdict, 'target' | 'strategy' | 'mode'>): string =>
  `${target}/${strategy}${modeSuffix(mode)}`;

const modeSuffix = (mode: Mode): string => (mode === 'shared' ? '' : `@${mode}`);

/**
 * Which race it is, in one line that is the same in every run that finds it again: the row, the class, and the two steps whose order
 * decides. `daily-log/check-header LAST_WRITER_WINS: read log < write log`; without a critical pair, `daily-log/check-header
 * LAST_WRITER_WINS`.
 */
export function fingerprintOf(row: Pick<Verdict, 'target' | 'strategy' | 'mode'>, finding: RecordedFinding): string {
  const race = `${rowName(row)} ${finding.class}`;
  const { critical, witness } = finding;
  const [first, second] =
    critical === undefined ? [] : [witness.steps?.[critical.first], witness.steps?.[critical.second]];
  return first === undefined || second === undefined ? race : `${race}: ${stepName(first)} < ${stepName(second)}`;
}

/** `rename state.json.% → state.json`. Paths of steps are masked already. */
const stepName = ({ call, path, to }: Step): string => `${call} ${path}${to === undefined ? '' : ` → ${to}`}`;

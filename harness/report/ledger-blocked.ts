/** What a run leaves open, why, and what would settle it. */

import type { Scenario } from '../scenario/scenario.ts';
import type { Status, Verdict } from '../verdict/verdict.ts';

export interface Blocked {
  readonly strategy: string;
  /** `target`: neither the writer as found nor its fix is SAFE. `strategy`: of one way of writing there is no verdict. */
  readonly what: 'target' | 'strategy';
  readonly because: string;
  /** What would settle it. */
  readonly until: string;
}

export interface Settled {
  /** On the writer as found. */
  readonly found: Verdict;
  readonly fix: Verdict | undefined;
  readonly verdicts: readonly Verdict[];
}

export function blockedIn(scenario: Scenario, { found, fix, verdicts }: Settled): readonly Blocked[] {
  const isSettled = found.status === 'SAFE' || (found.status === 'COLLIDES' && fix?.status === 'SAFE');
  const own = isSettled ? [] : [blockedTarget(scenario, found, fix)];
  const others = verdicts
    .filter(({ status }) => status !== 'SAFE' && status !== 'COLLIDES')
    .filter(({ strategy }) => own.every((blocked) => blocked.strategy !== strategy))
    .map((verdict) => blockedBy('strategy', verdict));
  const deferred = Object.entries(scenario.deferred ?? {}).map(
    ([strategy, because]): Blocked => ({ strategy, what: 'strategy', because, until: 'a version that can run it' }),
  );
  return [...own, ...others, ...deferred];
}

function blockedTarget(scenario: Scenario, found: Verdict, fix: Verdict | undefined): Blocked {
  if (found.status !== 'COLLIDES') return blockedBy('target', found);
  if (scenario.fix === undefined || scenario.fix === found.strategy) {
    const because = 'it collides, and no fix is known';
    return { strategy: found.strategy, what: 'target', because, until: 'a strategy that is measured SAFE' };
  }
  if (fix !== undefined) return blockedBy('target', fix);
  const because = 'the fix was not part of the run';
  return { strategy: scenario.fix, what: 'target', because, until: `\`collide run --targets ${scenario.id}\`` };
}

const blockedBy = (what: Blocked['what'], { target, strategy, status, reason, classes }: Verdict): Blocked => ({
  strategy,
  what,
  because: status === 'COLLIDES' ? `the fix collides: ${classes.join(' + ')}` : (reason ?? status),
  until: untils[status](target),
});

const untils: Readonly<Record<Status, (target: string) => string>> = {
  SAFE: () => 'nothing',
  COLLIDES: () => 'a fix that is measured SAFE',
  NOT_PROVOKED: (target) => `more time: \`collide run --targets ${target} --budget 5m\``,
  VACUOUS: (target) => `sessions that overlap: \`collide run --targets ${target} --budget 5m\``,
  BROKEN_ALONE: () => 'a writer that is right when it is alone',
  INCONCLUSIVE: (target) => `what the reason says, or more time: \`collide run --targets ${target} --budget 5m\``,
  SKIPPED: () => 'a machine that has it: see `collide doctor`',
};

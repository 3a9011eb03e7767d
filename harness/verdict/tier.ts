import type { Scenario } from '../scenario/scenario.ts';
import { type Topology, topologies } from '../scenario/topology.ts';
import type { Verdict } from './verdict.ts';

/** How dangerous it is to run sessions in a topology, worst first. */
export const tiers = {
  Dangerous: 'a P1 target collides',
  Risky:
    'a P2 target collides, a target has no verdict, or one that exists to coordinate sessions does not reach them all',
  Safe: 'every target is SAFE',
} as const;

export type Tier = keyof typeof tiers;

/** A target that keeps a topology from being Safe, by the verdict on the strategy that counts. */
export interface Cause {
  readonly target: string;
  readonly strategy: string;
  readonly tier: Exclude<Tier, 'Safe'>;
  /** `apart`: sessions with private copies are not coordinated, and nothing else is wrong. */
  readonly why: 'collides' | 'apart' | 'unknown';
  /** Undefined where a run that was broken off did not come to it. */
  readonly verdict?: Pick<Verdict, 'mode' | 'status' | 'classes' | 'notProvoked'>;
}

export interface Judgement {
  readonly tier: Tier;
  readonly causes: readonly Cause[];
  /** The tier where sessions that are apart need not be coordinated; only where that makes a difference. */
  readonly uncoordinated?: Tier;
}

/** What a topology amounts to, by the verdicts of a run under it. */
export interface Safety {
  readonly topology: Topology;
  /** In words. */
  readonly shared: string;
  readonly targets: number;
  /** With the first strategy of each target, which is the writer as found. */
  readonly asFound: Judgement;
  /** With the recommended one, where there is one. */
  readonly withFixes: Judgement;
}

export function safetyOf(topology: Topology, scenarios: readonly Scenario[], verdicts: readonly Verdict[]): Safety {
  const judged = (strategyOf: (scenario: Scenario) => string): Judgement =>
    judgement(
      scenarios.flatMap((scenario) => {
        const strategy = strategyOf(scenario);
        const verdict = verdicts.find((each) => each.target === scenario.id && each.strategy === strategy);
        return causeIn(scenario, strategy, verdict) ?? [];
      }),
    );
  return {
    topology,
    shared: topologies[topology],
    targets: scenarios.length,
    asFound: judged(found),
    withFixes: judged((scenario) => scenario.fix ?? found(scenario)),
  };
}

const found = ({ strategies }: Scenario): string => Object.keys(strategies)[0]!;

function judgement(causes: readonly Cause[]): Judgement {
  const tier = worst(causes);
  const uncoordinated = worst(causes.filter(({ why }) => why !== 'apart'));
  return { tier, causes, ...(uncoordinated === tier ? {} : { uncoordinated }) };
}

const worst = (causes: readonly Cause[]): Tier =>
  (Object.keys(tiers) as Tier[]).find((tier) => causes.some((cause) => cause.tier === tier)) ?? 'Safe';

function causeIn(scenario: Scenario, strategy: string, verdict: Verdict | undefined): Cause | undefined {
  if (verdict?.status === 'SAFE') return undefined;
  const { id: target, priority } = scenario;
  if (verdict?.status !== 'COLLIDES') {
    return { target, strategy, tier: 'Risky', why: 'unknown', ...(verdict === undefined ? {} : summed(verdict)) };
  }
  if (onlyApart(scenario, verdict)) return { target, strategy, tier: 'Risky', why: 'apart', ...summed(verdict) };
  const tier = priority === 'P1' ? 'Dangerous' : 'Risky';
  return { target, strategy, tier, why: 'collides', ...summed(verdict) };
}

/** Nothing but what private copies of a resource that coordinates must lead to. */
const onlyApart = ({ isolated = [] }: Scenario, { mode, classes }: Verdict): boolean =>
  mode === 'per-session' && classes.every((kind) => isolated.includes(kind));

const summed = ({ mode, status, classes, notProvoked }: Verdict): Required<Pick<Cause, 'verdict'>> => ({
  verdict: { mode, status, classes, notProvoked },
});

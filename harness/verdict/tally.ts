import { acknowledgedOf, type Execution, type Mode, writesOf } from '../history/execution.ts';
import { overlapped, watched } from '../history/overlap.ts';
import { limits } from '../limits.ts';
import { type CollisionClass, collisionClasses, type Finding } from '../oracle/finding.ts';
import { type Scenario, truthClasses } from '../scenario/scenario.ts';
import type { Failure } from '../schedule/storm.ts';
import { contention, together } from './contention.ts';
import { reconciled } from './contradiction.ts';
import { decide, type Evidence } from './decide.ts';
import type { Exploration, Probing } from './exploration.ts';
import { type Gathered, noStorm, type RowEvidence, type StormEvidence } from './gathered.ts';
import { defaultRequirement, levelOf, type Requirement } from './level.ts';
import type { Given } from './remedy.ts';
import { type Explored, type Strength, sampled } from './strength.ts';
import { type Counts, type Expectation, expectationOf, judge, type RecordedFinding, type Verdict } from './verdict.ts';

interface RoundEvidence {
  readonly execution: Execution;
  readonly failures: readonly Failure[];
  readonly skewUs: number;
  readonly reads: number;
  /** How long it took, with all that it takes to prepare it. */
  readonly ms?: number;
}

/** Gathers the rounds of one strategy, and says at any time what they amount to. */
export class Tally {
  readonly #scenario: Scenario;
  readonly #strategyName: string;
  readonly #mode: Mode;
  readonly #expectation: Expectation;
  readonly #exploration: Exploration | undefined;
  readonly #probing: Probing | undefined;
  readonly #storm: Mutable<StormEvidence>;
  readonly #requirement: Requirement;
  readonly #given: Given | undefined;

  /**
   * @param gathered what is known of it already.
   * @param given what its run may take.
   */
  constructor(
    scenario: Scenario,
    strategyName: string,
    mode: Mode,
    gathered: Gathered = {},
    requirement: Requirement = defaultRequirement,
    given?: Given,
  ) {
    this.#given = given;
    this.#requirement = requirement;
    this.#scenario = scenario;
    this.#strategyName = strategyName;
    this.#mode = mode;
    this.#expectation = expectationOf(scenario, scenario.strategies[strategyName]!, mode);
    const { exploration, probing, storm = noStorm } = gathered;
    this.#exploration = exploration;
    this.#probing = probing;
    this.#storm = structuredClone(storm) as Mutable<StormEvidence>;
  }

  /** All that the verdict rests on. */
  get gathered(): Gathered {
    return {
      ...(this.#exploration === undefined ? {} : { exploration: this.#exploration }),
      ...(this.#probing === undefined ? {} : { probing: this.#probing }),
      ...(this.#stormed ? { storm: structuredClone(this.#storm) } : {}),
    };
  }

  add({ execution, failures, skewUs, reads, ms = 0 }: RoundEvidence): void {
    this.#storm.ms += ms;
    if (failures.length > 0) {
      const hung = failures.filter(({ kind }) => kind === 'hung');
      const [first] = hung;
      if (first === undefined) {
        this.#storm.failures.push(failures.map(({ message }) => message).join(', '));
        return;
      }
      this.#storm.overlapping++;
      this.#storm.collided++;
      this.#record({ class: 'STUCK', count: hung.length, message: first.message }, execution);
      return;
    }
    this.#storm.whole++;
    this.#storm.reads += reads;
    this.#storm.skewsUs.push(skewUs);
    for (const { outcome, error } of writesOf(execution)) {
      if (outcome === 'refused') this.#storm.refused++;
      if (outcome !== 'unknown') continue;
      this.#storm.unknown++;
      this.#storm.unknownError ??= error?.message ?? 'no word';
    }
    this.#storm.acknowledged += acknowledgedOf(execution).length;
    for (const [name, count] of Object.entries(this.#scenario.counts?.(execution) ?? {})) {
      this.#storm.others[name] = (this.#storm.others[name] ?? 0) + count;
    }
    const contended = this.#scenario.contends?.(execution);
    if (contended !== undefined) {
      const { contention: known } = this.#storm;
      const told = { message: contended.finding.message, witness: cut(execution) };
      this.#storm.contention = { ...(known ?? contention(contended, told, {})), rounds: (known?.rounds ?? 0) + 1 };
    }
    const findings = judge(this.#scenario, execution);
    const alone = this.#mode === 'alone';
    if (alone && execution.sessions.length === 1) this.#storm.alone++;
    else if (findings.length > 0 || (alone ? watched : overlapped)(execution)) this.#storm.overlapping++;
    else this.#storm.serial++;
    if (findings.length > 0) this.#storm.collided++;
    for (const finding of merged(findings)) this.#record(finding, execution);
  }

  get rounds(): number {
    return this.#storm.whole;
  }

  /** Rounds that count for what is said in the end. */
  get evidence(): number {
    return this.#expectation.truth === 'SAFE' ? this.#storm.overlapping + this.#storm.alone : this.#storm.whole;
  }

  /** Nothing was found, too little was seen to say SAFE, and more rounds would be enough. */
  get tooFew(): boolean {
    if (this.#expectation.truth !== 'SAFE' || this.#requirement.level !== 'sampled') return false;
    const { found, doubt, ...evidence } = this.#evidence(0);
    return found.length === 0 && doubt === undefined && levelOf(evidence, this.#requirement.maxRate) === undefined;
  }

  /** It has a verdict, and rounds enough beside it. */
  get told(): boolean {
    return this.settled && this.classes.length === 0 && this.#storm.whole >= limits.settledRounds;
  }

  /** More rounds would show no more, or say no more. */
  get exhausted(): boolean {
    if (this.#storm.whole < Math.min(limits.settledRounds, limits.collidingRoundsMin)) return false;
    if (this.classes.length > 0) return this.notProvoked.length === 0 && this.#storm.whole >= limits.collidingRoundsMin;
    if (this.notProvoked.length > 0 || this.#storm.whole < limits.settledRounds) return false;
    const { doubt, ...evidence } = this.#evidence(0);
    return doubt !== undefined || levelOf(evidence, this.#requirement.maxRate) === 'all';
  }

  get failedRounds(): number {
    return this.#storm.failures.length;
  }

  get classes(): readonly CollisionClass[] {
    return (Object.keys(collisionClasses) as CollisionClass[]).filter((kind) => this.#finding(kind) !== undefined);
  }

  /** Classes of the truth that have not been found yet. */
  get notProvoked(): readonly CollisionClass[] {
    return truthClasses(this.#expectation.truth).filter((kind) => this.#finding(kind) === undefined);
  }

  /** Is there a verdict that more rounds would only make stronger? */
  get settled(): boolean {
    return this.notProvoked.length === 0 && !this.tooFew;
  }

  /** @param more what is known of the row besides what is counted here. */
  verdict(
    writers: number,
    readers: number,
    more: Pick<RowEvidence, 'settled' | 'unexplored' | 'outside'> = {},
  ): Verdict {
    const outside = this.#exploration?.outside ?? more.outside;
    const sharesOutside = (this.#exploration?.sharesOutside ?? more.settled?.sharesOutside) === true;
    const { why } = this.#scenario.strategies[this.#strategyName]!;
    const ran = this.#storm.whole > 0 || this.#exploration !== undefined || this.classes.length > 0;
    const stormed = this.#stormed && this.#storm.alone === 0;
    const quantileUs = (share: number): number => quantile(this.#storm.skewsUs, share);
    return {
      target: this.#scenario.id,
      priority: this.#scenario.priority,
      strategy: this.#strategyName,
      mode: this.#mode,
      writers,
      readers,
      truth: this.#expectation.truth,
      classes: this.classes,
      notProvoked: this.notProvoked,
      counts: this.#counts,
      findings: this.classes.map((kind) => this.#finding(kind)!),
      ...decide(this.#evidence(readers, more), { ...this.#expectation, why }, this.#requirement),
      ...(ran ? { strength: sharesOutside ? unbounded(this.#strength) : this.#strength } : {}),
      ...(outside === undefined ? {} : { outside }),
      ...this.#contention,
      ...(ran && stormed ? { startSkew: { medianUs: quantileUs(0.5), p95Us: quantileUs(0.95) } } : {}),
    };
  }

  /** What the exploration may claim, given all that was found. */
  get #claim(): { readonly explored?: Explored; readonly contradiction?: string } {
    if (this.#exploration === undefined) return {};
    return reconciled(this.#exploration, [...(this.#probing?.findings ?? []), ...this.#storm.findings]);
  }

  get #strength(): Strength {
    const { overlapping, collided, serial, failures, alone } = this.#storm;
    const { explored } = this.#claim;
    const { probed } = this.#probing ?? {};
    return {
      ...(explored === undefined ? {} : { explored }),
      ...(probed === undefined ? {} : { probed }),
      ...(this.#stormed && alone === 0 ? { stormed: sampled(overlapping, collided, serial, failures.length) } : {}),
      ...(alone > 0 ? { alone } : {}),
    };
  }

  /** All that was gathered, for the rule. */
  #evidence(readers: number, { settled, unexplored }: Pick<RowEvidence, 'settled' | 'unexplored'> = {}): Evidence {
    const { whole, overlapping, alone, failures, ms } = this.#storm;
    const [exploration, probing] = [this.#exploration, this.#probing];
    const { explored, contradiction } = this.#claim;
    const failed = exploration?.counts.unknown === 0 ? undefined : exploration?.doubt;
    const doubt = exploration?.doubt ?? unexplored ?? probing?.doubt;
    const unknownError = this.#storm.unknownError ?? failed ?? probing?.doubt;
    const failure = failures[0];
    const { perform } = this.#scenario.strategies[this.#strategyName]!;
    const executed = exploration?.effort.executions ?? 0;
    const rounds = whole + failures.length;
    return {
      ...(settled === undefined ? {} : { settled }),
      found: this.classes,
      ...(contradiction === undefined ? {} : { contradiction }),
      ...(explored === undefined ? {} : { explored }),
      ...(doubt === undefined ? {} : { doubt }),
      ...(probing === undefined ? {} : { drawn: probing.probed }),
      stress: { whole, overlapping, alone, failed: failures.length },
      ...(failure === undefined ? {} : { failure }),
      acknowledged: this.#total('acknowledged'),
      unknown: this.#total('unknown'),
      ...(unknownError === undefined ? {} : { unknownError }),
      ...(readers === 0 ? {} : { reads: this.#total('reads') }),
      speed: {
        ...(executed > 0 ? { executionMs: exploration!.effort.ms / executed } : {}),
        ...(rounds > 0 && ms > 0 ? { roundMs: ms / rounds } : {}),
        ...(typeof perform === 'function' ? {} : { stepCost: limits.commandCost }),
        ...(exploration === undefined ? { without: 'exploration' } : this.#stormed ? {} : { without: 'stress' }),
      },
      ...(this.#given === undefined ? {} : { given: this.#given }),
    };
  }

  /** Over all that was tried. */
  #total(name: 'acknowledged' | 'unknown' | 'reads'): number {
    return this.#storm[name] + (this.#exploration?.counts[name] ?? 0) + (this.#probing?.counts[name] ?? 0);
  }

  /** Beside the verdict, whatever it is. */
  get #contention(): Pick<Verdict, 'contention'> {
    const searches = [this.#exploration, this.#probing];
    const of = (this.#exploration?.explored.traces ?? 0) + (this.#probing?.probed.traces ?? 0);
    const seen = [...searches.map((search) => search?.contention), this.#storm.contention];
    // As many rounds as the strength has, even where some that failed did not overlap.
    const { overlapping, failures, contention: stormed } = this.#storm;
    const ofRounds = Math.max(overlapping + failures.length, stormed?.rounds ?? 0);
    const all = together(seen, { of, ofRounds });
    return all === undefined ? {} : { contention: all };
  }

  get #stormed(): boolean {
    return this.#storm.whole + this.#storm.overlapping + this.#storm.failures.length > 0;
  }

  get #counts(): Counts {
    const { acknowledged, refused, unknown, reads } =
      this.#exploration === undefined || this.#stormed ? this.#storm : this.#exploration.counts;
    const failedRounds = this.#storm.failures.length;
    return { acknowledged, refused, unknown, reads, failedRounds, others: { ...this.#storm.others } };
  }

  /** Witnesses of an exploration are shorter than those of any storm. */
  #finding(kind: CollisionClass): RecordedFinding | undefined {
    const searched = [...(this.#exploration?.findings ?? []), ...(this.#probing?.findings ?? [])];
    const explored = searched.find((one) => one.class === kind);
    const stormed = this.#storm.findings.find((one) => one.class === kind);
    if (explored === undefined || stormed === undefined) return explored ?? stormed;
    return { ...explored, rounds: explored.rounds + stormed.rounds, count: explored.count + stormed.count };
  }

  #record({ class: kind, count, message }: Finding, execution: Execution): void {
    const known = this.#storm.findings.find((one) => one.class === kind);
    if (known === undefined) {
      this.#storm.findings.push({ class: kind, rounds: 1, count, message, witness: cut(execution) });
      return;
    }
    known.rounds++;
    known.count += count;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? Writable<E>[] : Writable<T[K]> };
type Writable<T> = T extends RecordedFinding
  ? { -readonly [K in keyof T]: T[K] }
  : T extends object
    ? { -readonly [K in keyof T]: T[K] }
    : T;

/** Rounds begin from what earlier ones have left outside of the resource, where nobody looks: they bound no rate. */
const unbounded = (strength: Strength): Strength =>
  strength.stormed === undefined ? strength : { ...strength, stormed: { ...strength.stormed, upperBound: 1 } };

/** What all that is known of a row amounts to. */
export function verdictFrom(
  scenario: Scenario,
  evidence: RowEvidence,
  requirement?: Requirement,
  given?: Given,
): Verdict {
  const { strategy, mode, writers, readers, settled, unexplored, product, uncompared } = evidence;
  // What can't be run, or is broken already, has nothing to rest on.
  const gathered = settled === undefined || settled.status === 'INCONCLUSIVE' ? evidence : {};
  const verdict = new Tally(scenario, strategy, mode, gathered, requirement, given).verdict(writers, readers, evidence);
  const reasons = [verdict.reason, settled === undefined ? unexplored : undefined].filter(
    (reason) => reason !== undefined,
  );
  return {
    ...verdict,
    ...(product === undefined ? {} : { product }),
    ...(uncompared === undefined ? {} : { uncompared }),
    ...(settled === undefined ? {} : { classes: [], findings: [] }),
    ...(reasons.length === 0
      ? {}
      : { reason: reasons.filter((each, at) => !reasons.slice(0, at).some((one) => one.includes(each))).join('; ') }),
  };
}

/** One finding a class: a round counts once, however many of its oracles, or of its private copies, speak up. */
function merged(findings: readonly Finding[]): readonly Finding[] {
  const byClass = new Map<CollisionClass, Finding>();
  for (const finding of findings) {
    const known = byClass.get(finding.class);
    byClass.set(finding.class, known === undefined ? finding : { ...known, count: known.count + finding.count });
  }
  return [...byClass.values()];
}

/** A witness without the bulk of long files. */
function cut(execution: Execution): Execution {
  const final = Object.entries(execution.final).map(([path, content]) => [
    path,
    content.length > limits.witnessFileChars
      ? `${content.slice(0, limits.witnessFileChars)}… (${content.length} characters in all)`
      : content,
  ]);
  return { ...execution, final: Object.fromEntries(final) };
}

/** The value below which a share of the values lies (nearest rank). */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
}

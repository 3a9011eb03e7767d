import { acknowledgedOf, type Execution, type Mode, writesOf } from '../history/execution.ts';
import { overlapped, watched } from '../history/overlap.ts';
import { limits } from '../limits.ts';
import { type CollisionClass, collisionClasses, type Finding } from '../oracle/finding.ts';
import { type Scenario, truthClasses } from '../scenario/scenario.ts';
import type { Failure } from '../schedule/storm.ts';
import type { Exploration, Probing } from './exploration.ts';
import { sampled } from './strength.ts';
import { type Counts, type Expectation, expectationOf, judge, type RecordedFinding, type Verdict } from './verdict.ts';

/** More rounds than this share may not fail: what they would have shown is not known. */
const FAILED_SHARE_MAX = 0.1;

interface RoundEvidence {
  readonly execution: Execution;
  readonly failures: readonly Failure[];
  readonly skewUs: number;
  readonly reads: number;
}

/** Gathers the rounds of one strategy, and says at any time what they amount to. */
export class Tally {
  readonly #scenario: Scenario;
  readonly #strategyName: string;
  readonly #mode: Mode;
  readonly #expectation: Expectation;
  readonly #findings = new Map<CollisionClass, RecordedFinding>();
  readonly #skews: number[] = [];
  readonly #others: Record<string, number> = {};
  /** Of each round that sessions did not come through, who and why. */
  readonly #failures: string[] = [];
  #whole = 0;
  #overlapping = 0;
  #serial = 0;
  /** Rounds in which there was nobody to overlap with, as there should be nobody. */
  #alone = 0;
  #collided = 0;
  #acknowledged = 0;
  #refused = 0;
  #unknown = 0;
  #reads = 0;
  #unknownError: string | undefined;
  #exploration: Exploration | undefined;
  #probing: Probing | undefined;

  constructor(scenario: Scenario, strategyName: string, mode: Mode) {
    this.#scenario = scenario;
    this.#strategyName = strategyName;
    this.#mode = mode;
    this.#expectation = expectationOf(scenario, scenario.strategies[strategyName]!, mode);
  }

  add({ execution, failures, skewUs, reads }: RoundEvidence): void {
    if (failures.length > 0) {
      const hung = failures.filter(({ kind }) => kind === 'hung');
      const [first] = hung;
      if (first === undefined) {
        this.#failures.push(failures.map(({ message }) => message).join(', '));
        return;
      }
      this.#overlapping++;
      this.#collided++;
      this.#record({ class: 'STUCK', count: hung.length, message: first.message }, execution);
      return;
    }
    this.#whole++;
    this.#reads += reads;
    this.#skews.push(skewUs);
    for (const { outcome, error } of writesOf(execution)) {
      if (outcome === 'refused') this.#refused++;
      if (outcome !== 'unknown') continue;
      this.#unknown++;
      this.#unknownError ??= error?.message;
    }
    this.#acknowledged += acknowledgedOf(execution).length;
    for (const [name, count] of Object.entries(this.#scenario.counts?.(execution) ?? {})) {
      this.#others[name] = (this.#others[name] ?? 0) + count;
    }
    const findings = judge(this.#scenario, execution);
    const alone = this.#mode === 'alone';
    if (alone && execution.sessions.length === 1) this.#alone++;
    else if (findings.length > 0 || (alone ? watched : overlapped)(execution)) this.#overlapping++;
    else this.#serial++;
    if (findings.length > 0) this.#collided++;
    for (const finding of merged(findings)) this.#record(finding, execution);
  }

  /** What came of exploring the same strategy: its witnesses are shorter than those of any storm. */
  explored(exploration: Exploration): void {
    this.#exploration = exploration;
    for (const finding of exploration.findings) this.#findings.set(finding.class, finding);
  }

  /** What came of drawing schedules of more writers. */
  probed(probing: Probing): void {
    this.#probing = probing;
    for (const finding of probing.findings) {
      if (!this.#findings.has(finding.class)) this.#findings.set(finding.class, finding);
    }
  }

  get rounds(): number {
    return this.#whole;
  }

  /** Rounds that count for what is said in the end. */
  get evidence(): number {
    return this.#expectation.truth === 'SAFE' ? this.#overlapping + this.#alone : this.#whole;
  }

  /** Nothing was found, and too little was seen to say SAFE. */
  get tooFew(): boolean {
    if (this.#expectation.truth !== 'SAFE' || this.#findings.size > 0 || this.#searched) return false;
    return this.evidence < limits.safeRoundsMin;
  }

  /** More rounds would show no more. */
  get exhausted(): boolean {
    return this.settled && (this.classes.length > 0 || this.#alone > 0) && this.#whole >= limits.collidingRoundsMin;
  }

  get failedRounds(): number {
    return this.#failures.length;
  }

  get classes(): readonly CollisionClass[] {
    return (Object.keys(collisionClasses) as CollisionClass[]).filter((kind) => this.#findings.has(kind));
  }

  /** Classes of the truth that have not been found yet. */
  get notProvoked(): readonly CollisionClass[] {
    return truthClasses(this.#expectation.truth).filter((kind) => !this.#findings.has(kind));
  }

  /** Have all interleavings been tried, or all up to a bound, and nothing cast doubt on that? */
  get #searched(): boolean {
    if (this.#exploration === undefined || this.#exploration.doubt !== undefined) return false;
    return this.#exploration.explored.kind !== 'partial';
  }

  /** Is there a verdict that more rounds would only make stronger? */
  get settled(): boolean {
    return this.notProvoked.length === 0 && !this.tooFew;
  }

  verdict(writers: number, readers: number): Verdict {
    const common = {
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
      findings: this.classes.map((kind) => this.#findings.get(kind)!),
    };
    const { explored, outside } = this.#exploration ?? {};
    const { probed } = this.#probing ?? {};
    const alone = this.#alone;
    const stormed = this.#stormed && alone === 0;
    const evidence = {
      ...common,
      strength: {
        ...(explored === undefined ? {} : { explored }),
        ...(probed === undefined ? {} : { probed }),
        ...(stormed
          ? { stormed: sampled(this.#overlapping, this.#collided, this.#serial, this.#failures.length) }
          : {}),
        ...(alone > 0 ? { alone } : {}),
      },
      ...(outside === undefined ? {} : { outside }),
      ...(stormed ? { startSkew: { medianUs: quantile(this.#skews, 0.5), p95Us: quantile(this.#skews, 0.95) } } : {}),
    };
    const unexpected = this.classes.filter(
      (kind) => !truthClasses(this.#expectation.truth).includes(kind) && !this.#expectation.may.includes(kind),
    );
    if (unexpected.length > 0) {
      const said = this.#expectation.truth === 'SAFE' ? 'SAFE' : this.#expectation.truth.join(' + ');
      const reason = `the truth says ${said}, and ${unexpected.join(' + ')} was found`;
      return { ...evidence, status: 'COLLIDES', asExpected: false, reason };
    }
    if (this.classes.length > 0) {
      const reason = `${this.notProvoked.join(' + ')} not found`;
      return { ...evidence, status: 'COLLIDES', asExpected: true, ...(this.notProvoked.length > 0 ? { reason } : {}) };
    }
    if (explored !== undefined && explored.steps === 0) {
      const reason = 'no session ever touched the resource, so nothing was tested';
      return { ...evidence, status: 'VACUOUS', asExpected: false, reason };
    }
    if (this.#whole === 0 && explored === undefined) {
      const reason = `no round came through: ${this.#failures[0] ?? 'there was no time for any'}`;
      return { ...common, status: 'INCONCLUSIVE', asExpected: false, reason };
    }
    if (this.#overlapping + this.#alone === 0 && explored === undefined) {
      const reason = `the sessions never overlapped in ${this.#whole} rounds, so nothing was tested: try more --rounds`;
      return { ...evidence, status: 'VACUOUS', asExpected: false, reason };
    }
    if (this.#expectation.truth !== 'SAFE') return { ...evidence, ...this.#notFound() };
    const doubt = this.#doubt(readers);
    if (doubt !== undefined) return { ...evidence, status: 'INCONCLUSIVE', asExpected: false, reason: doubt };
    return { ...evidence, status: 'SAFE', asExpected: true };
  }

  get #stormed(): boolean {
    return this.#whole + this.#overlapping + this.#failures.length > 0;
  }

  get #counts(): Counts {
    const { acknowledged, refused, unknown, reads } =
      this.#exploration === undefined || this.#stormed
        ? { acknowledged: this.#acknowledged, refused: this.#refused, unknown: this.#unknown, reads: this.#reads }
        : this.#exploration.counts;
    const failedRounds = this.#failures.length;
    return { acknowledged, refused, unknown, reads, failedRounds, others: { ...this.#others } };
  }

  /** It is known to collide, and did not. Where all interleavings were tried, either the truth or the search is wrong. */
  #notFound(): Pick<Verdict, 'status' | 'asExpected' | 'reason'> {
    const { why, server } = this.#scenario.strategies[this.#strategyName]!;
    // Interleavings of requests, that is: what a server does inside is not among them.
    const exhausted = this.#searched && this.#exploration?.explored.kind === 'exhaustive' && server === undefined;
    const reason = exhausted
      ? `no interleaving of two writers with one operation each shows what the truth says: ${why}`
      : `not provoked; it takes a chosen schedule, or many more writers: ${why}`;
    return { status: 'NOT_PROVOKED', asExpected: !exhausted, reason };
  }

  /** Why nothing that was found is no reason to say SAFE. */
  #doubt(readers: number): string | undefined {
    const failed = this.#failures.length;
    const searched = [this.#exploration?.counts, this.#probing?.counts];
    const sum = (name: 'acknowledged' | 'unknown' | 'reads', stormed: number): number =>
      searched.reduce((total, counts) => total + (counts?.[name] ?? 0), stormed);
    const acknowledged = sum('acknowledged', this.#acknowledged);
    const unknown = sum('unknown', this.#unknown);
    const reads = sum('reads', this.#reads);
    if (failed > this.#whole * FAILED_SHARE_MAX) {
      return `sessions did not come through ${failed} of ${failed + this.#whole} rounds: ${this.#failures[0]}`;
    }
    if (unknown > 0) {
      const explored = this.#unknown === 0 ? (this.#exploration?.doubt ?? this.#probing?.doubt) : undefined;
      return explored ?? `${unknown} operations failed, the first with: ${this.#unknownError ?? 'no word'}`;
    }
    if (acknowledged === 0) return 'no operation was acknowledged, so nothing could be lost or granted twice';
    if (readers > 0 && reads === 0) return 'the reader never read, so nobody could have seen a torn state';
    if (this.#searched || !this.tooFew) return undefined;
    const doubt = this.#exploration?.doubt;
    return (
      `only ${this.evidence} rounds${this.#alone > 0 ? '' : ' with overlapping sessions'}, which say nothing: try more --rounds or --budget` +
      (doubt === undefined ? '' : `; exploration says nothing either: ${doubt}`)
    );
  }

  #record(finding: Finding, execution: Execution): void {
    const known = this.#findings.get(finding.class);
    this.#findings.set(
      finding.class,
      known === undefined
        ? { class: finding.class, rounds: 1, count: finding.count, message: finding.message, witness: cut(execution) }
        : { ...known, rounds: known.rounds + 1, count: known.count + finding.count },
    );
  }
}

/** A verdict on a strategy that was not stormed, with the reason. */
export function withoutStorm(
  scenario: Scenario,
  strategy: string,
  mode: Mode,
  status: 'SKIPPED' | 'BROKEN_ALONE' | 'INCONCLUSIVE',
  reason: string,
): Verdict {
  return { ...new Tally(scenario, strategy, mode).verdict(0, 0), status, reason };
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

import { acknowledgedOf, type Execution, type Mode, writesOf } from '../history/execution.ts';
import { overlapped, watched } from '../history/overlap.ts';
import { limits } from '../limits.ts';
import { type CollisionClass, collisionClasses, type Finding } from '../oracle/finding.ts';
import { type Scenario, truthClasses } from '../scenario/scenario.ts';
import type { Failure } from '../schedule/storm.ts';
import { contention, together } from './contention.ts';
import type { Exploration, Probing } from './exploration.ts';
import { type Gathered, noStorm, type RowEvidence, type StormEvidence } from './gathered.ts';
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
  readonly #exploration: Exploration | undefined;
  readonly #probing: Probing | undefined;
  readonly #storm: Mutable<StormEvidence>;

  /** @param gathered what is known of it already. */
  constructor(scenario: Scenario, strategyName: string, mode: Mode, gathered: Gathered = {}) {
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

  add({ execution, failures, skewUs, reads }: RoundEvidence): void {
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

  /** Nothing was found, and too little was seen to say SAFE. */
  get tooFew(): boolean {
    if (this.#expectation.truth !== 'SAFE' || this.classes.length > 0 || this.#searched) return false;
    return this.evidence < limits.safeRoundsMin;
  }

  /** More rounds would show no more. */
  get exhausted(): boolean {
    return (
      this.settled &&
      (this.classes.length > 0 || this.#storm.alone > 0) &&
      this.#storm.whole >= limits.collidingRoundsMin
    );
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
      findings: this.classes.map((kind) => this.#finding(kind)!),
    };
    const { explored, outside } = this.#exploration ?? {};
    const { probed } = this.#probing ?? {};
    const alone = this.#storm.alone;
    const stormed = this.#stormed && alone === 0;
    const evidence = {
      ...common,
      strength: {
        ...(explored === undefined ? {} : { explored }),
        ...(probed === undefined ? {} : { probed }),
        ...(stormed
          ? {
              stormed: sampled(
                this.#storm.overlapping,
                this.#storm.collided,
                this.#storm.serial,
                this.#storm.failures.length,
              ),
            }
          : {}),
        ...(alone > 0 ? { alone } : {}),
      },
      ...(outside === undefined ? {} : { outside }),
      ...this.#contention,
      ...(stormed
        ? { startSkew: { medianUs: quantile(this.#storm.skewsUs, 0.5), p95Us: quantile(this.#storm.skewsUs, 0.95) } }
        : {}),
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
    if (this.#storm.whole === 0 && explored === undefined) {
      const reason = `no round came through: ${this.#storm.failures[0] ?? 'there was no time for any'}`;
      return { ...common, status: 'INCONCLUSIVE', asExpected: false, reason };
    }
    if (this.#storm.overlapping + this.#storm.alone === 0 && explored === undefined) {
      const reason = `the sessions never overlapped in ${this.#storm.whole} rounds, so nothing was tested: try more --rounds`;
      return { ...evidence, status: 'VACUOUS', asExpected: false, reason };
    }
    if (this.#expectation.truth !== 'SAFE') return { ...evidence, ...this.#notFound() };
    const doubt = this.#doubt(readers);
    if (doubt !== undefined) return { ...evidence, status: 'INCONCLUSIVE', asExpected: false, reason: doubt };
    return { ...evidence, status: 'SAFE', asExpected: true };
  }

  /** Beside the verdict, whatever it is. */
  get #contention(): Pick<Verdict, 'contention'> {
    const searches = [this.#exploration, this.#probing];
    const of = (this.#exploration?.explored.traces ?? 0) + (this.#probing?.probed.traces ?? 0);
    const seen = [...searches.map((search) => search?.contention), this.#storm.contention];
    const all = together(seen, { of, ofRounds: this.#storm.whole });
    return all === undefined ? {} : { contention: all };
  }

  get #stormed(): boolean {
    return this.#storm.whole + this.#storm.overlapping + this.#storm.failures.length > 0;
  }

  get #counts(): Counts {
    const { acknowledged, refused, unknown, reads } =
      this.#exploration === undefined || this.#stormed
        ? {
            acknowledged: this.#storm.acknowledged,
            refused: this.#storm.refused,
            unknown: this.#storm.unknown,
            reads: this.#storm.reads,
          }
        : this.#exploration.counts;
    const failedRounds = this.#storm.failures.length;
    return { acknowledged, refused, unknown, reads, failedRounds, others: { ...this.#storm.others } };
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
    const failed = this.#storm.failures.length;
    const searched = [this.#exploration?.counts, this.#probing?.counts];
    const sum = (name: 'acknowledged' | 'unknown' | 'reads', stormed: number): number =>
      searched.reduce((total, counts) => total + (counts?.[name] ?? 0), stormed);
    const acknowledged = sum('acknowledged', this.#storm.acknowledged);
    const unknown = sum('unknown', this.#storm.unknown);
    const reads = sum('reads', this.#storm.reads);
    if (failed > this.#storm.whole * FAILED_SHARE_MAX) {
      return `sessions did not come through ${failed} of ${failed + this.#storm.whole} rounds: ${this.#storm.failures[0]}`;
    }
    if (unknown > 0) {
      const explored = this.#storm.unknown === 0 ? (this.#exploration?.doubt ?? this.#probing?.doubt) : undefined;
      return explored ?? `${unknown} operations failed, the first with: ${this.#storm.unknownError ?? 'no word'}`;
    }
    if (acknowledged === 0) return 'no operation was acknowledged, so nothing could be lost or granted twice';
    if (readers > 0 && reads === 0) return 'the reader never read, so nobody could have seen a torn state';
    if (this.#searched || !this.tooFew) return undefined;
    const { doubt, explored } = this.#exploration ?? {};
    if (!this.#stormed && explored !== undefined && doubt === undefined) {
      return `only ${explored.executions} interleavings were tried, which say nothing: try more --steps or --budget`;
    }
    return (
      `only ${this.evidence} rounds${this.#storm.alone > 0 ? '' : ' with overlapping sessions'}, which say nothing: try more --rounds or --budget` +
      (doubt === undefined ? '' : `; exploration says nothing either: ${doubt}`)
    );
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

/** What all that is known of a row amounts to. */
export function verdictFrom(scenario: Scenario, evidence: RowEvidence): Verdict {
  const { strategy, mode, writers, readers, settled, unexplored, product, uncompared } = evidence;
  const besides = {
    ...(product === undefined ? {} : { product }),
    ...(uncompared === undefined ? {} : { uncompared }),
  };
  if (settled !== undefined) {
    const blank = settled.status === 'INCONCLUSIVE' ? evidence : {};
    const judged = new Tally(scenario, strategy, mode, blank).verdict(writers, readers);
    return { ...judged, ...besides, ...settled, asExpected: false, classes: [], findings: [] };
  }
  const verdict = new Tally(scenario, strategy, mode, evidence).verdict(writers, readers);
  const reasons = [verdict.reason, unexplored].filter((reason) => reason !== undefined);
  return { ...verdict, ...besides, ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }) };
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

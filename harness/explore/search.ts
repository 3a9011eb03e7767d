import { writesOf } from '../history/execution.ts';
import type { Contends } from '../oracle/contention.ts';
import type { CollisionClass, Finding } from '../oracle/finding.ts';
import type { Choose, Scheduler, Trace } from '../schedule/scheduler.ts';
import type { Effort } from '../verdict/exploration.ts';
import { underFaults, unsaid } from '../verdict/under-faults.ts';
import { judge } from '../verdict/verdict.ts';
import type { Cast } from './cast.ts';
import { Evidence } from './evidence.ts';
import type { Played, Player } from './player.ts';

/** Executions in which sessions fail because of each other. */
export interface ContentionSeen {
  readonly sighting: Sighting;
  /** Different interleavings with such a failure, and of all. */
  readonly executions: number;
  readonly of: number;
}

/** Where a class was first seen. */
export interface Sighting {
  readonly kind: CollisionClass;
  readonly cast: Cast;
  readonly trace: Trace;
  /** As it was seen. */
  readonly execution: Played['execution'];
  readonly message: string;
}

/** Who is shown each execution. */
export interface Watch {
  /** With its steps. */
  readonly recorded: boolean;
  see(played: Played): void;
}

/** When to stop, though there may be more. */
export interface Limits {
  /** On the clock of `elapsedMs`. */
  readonly untilMs: number;
  /** Of the whole search, over all executions: the same on every machine, however busy. */
  readonly untilSteps?: number;
  /** Of this run, with those before that count too. */
  readonly executions?: number;
}

/** What an execution shows; that nobody could go on any more is a finding, too. */
export function findingsOf(
  { scenario, faults, freshAreGranted }: Cast,
  { trace, execution }: Played,
): readonly Finding[] {
  if (trace.stuck.length === 0) {
    return faults === undefined
      ? judge(scenario, execution)
      : underFaults(judge(scenario, unsaid(execution)), execution, freshAreGranted);
  }
  const who = trace.stuck.map(({ session, step }) => `session ${session} before ${step.call} ${step.path}`);
  return [{ class: 'STUCK', count: trace.stuck.length, message: `nobody can go on: ${who.join(', ')}` }];
}

/** As if to fail because of each other were the only thing that can be wrong. */
export const forContention = (cast: Cast, contends: Contends): Cast => ({
  ...cast,
  scenario: { ...cast.scenario, oracles: [(execution) => [contends(execution)?.finding ?? []].flat()] },
});

/** Runs schedulers, judges each execution, and remembers what was seen first. */
export class Search {
  readonly counts = { acknowledged: 0, refused: 0, unknown: 0, reads: 0 };
  /** Why an operation failed, where one did. */
  failure: string | undefined;
  readonly #player: Player;
  readonly #enough: (found: ReadonlySet<CollisionClass>) => boolean;
  readonly #progress: (executions: number) => void;
  readonly #watch: Watch | undefined;
  readonly #began = performance.now();
  readonly #sightings = new Map<CollisionClass, Sighting>();
  #executions = 0;
  #steps = 0;
  #firstFinding: Effort['firstFinding'];
  #contended: Sighting | undefined;
  /** Different interleavings, and those of them in which sessions failed because of each other. */
  readonly #different = new Set<string>();
  readonly #contending = new Set<string>();

  constructor(
    player: Player,
    enough: (found: ReadonlySet<CollisionClass>) => boolean,
    progress: (executions: number) => void,
    watch?: Watch,
  ) {
    this.#player = player;
    this.#watch = watch;
    this.#enough = enough;
    this.#progress = progress;
  }

  get sightings(): readonly Sighting[] {
    return [...this.#sightings.values()];
  }

  /** Where that is known of the scenario, and it was seen. */
  get contention(): ContentionSeen | undefined {
    if (this.#contended === undefined) return undefined;
    // What was seen before the search began anew was seen all the same.
    const executions = Math.max(1, this.#contending.size);
    return { sighting: this.#contended, executions, of: Math.max(executions, this.#different.size) };
  }

  get elapsedMs(): number {
    return performance.now() - this.#began;
  }

  /** All has been found that there is to be found: more executions would only find the same again. */
  get enough(): boolean {
    return this.#sightings.size > 0 && this.#enough(new Set(this.#sightings.keys()));
  }

  /** How much of what it may use is used up, as a share. */
  usedOf({ untilMs, untilSteps = Number.POSITIVE_INFINITY }: Limits): number {
    return Math.max(this.elapsedMs / untilMs, this.#steps / untilSteps);
  }

  get effort(): Effort {
    const effort = { executions: this.#executions, ms: Math.round(this.elapsedMs) };
    return this.#firstFinding === undefined ? effort : { ...effort, firstFinding: this.#firstFinding };
  }

  /**
   * Runs a scheduler to its end, or until there is enough, or to a limit. From the start again when a retry loop has turned
   * out to be endless, because the choices that there are have changed then.
   *
   * @param before of an earlier run, which counts too.
   */
  run<S extends Scheduler>(
    cast: Cast,
    start: () => S,
    limits: Limits,
    before?: Evidence,
  ): { readonly scheduler: S; readonly evidence: Evidence } {
    this.#player.take(cast);
    for (;;) {
      const scheduler = start();
      const evidence = new Evidence(before);
      if (!this.#runOnce(cast, scheduler, evidence, limits)) return { scheduler, evidence };
      this.#different.clear();
      this.#contending.clear();
    }
  }

  /** One execution under these choices. */
  play(cast: Cast, choose: Choose): void {
    this.#player.take(cast);
    this.#judge(cast, this.#player.play(choose));
  }

  /** Returns whether it has to be begun anew. */
  #runOnce(
    cast: Cast,
    scheduler: Scheduler,
    evidence: Evidence,
    { untilMs, untilSteps = Number.POSITIVE_INFINITY, executions = Number.POSITIVE_INFINITY }: Limits,
  ): boolean {
    const search = scheduler.explore();
    for (let next = search.next(); !next.done; ) {
      const played = this.#player.play(next.value, this.#watch?.recorded);
      this.#watch?.see(played);
      if (!played.redundant) {
        this.#noteContention(cast, played, evidence.add(played.trace.decisions));
      }
      this.#judge(cast, played);
      if (this.enough || this.elapsedMs > untilMs || this.#steps >= untilSteps) return false;
      if (played.learned) return true;
      next = search.next(played.trace);
      if (evidence.executions >= executions) return false;
    }
    return false;
  }

  /** @param key of its trace. */
  #noteContention(cast: Cast, { trace, execution }: Played, key: string): void {
    const { contends } = cast.scenario;
    if (contends === undefined || trace.stuck.length > 0) return;
    this.#different.add(key);
    const contended = contends(execution);
    if (contended === undefined) return;
    this.#contending.add(key);
    const { class: kind, message } = contended.finding;
    this.#contended ??= { kind, cast: forContention(cast, contends), trace, execution, message };
  }

  #judge(cast: Cast, played: Played): void {
    this.#progress(++this.#executions);
    const { execution, trace } = played;
    this.#steps += trace.decisions.length;
    for (const { outcome, error } of writesOf(execution)) {
      if (outcome === 'ok') this.counts.acknowledged++;
      else if (outcome === 'refused') this.counts.refused++;
      else if (trace.stuck.length === 0) {
        this.counts.unknown++;
        this.failure ??= `an operation failed: ${error?.message ?? 'no word'}`;
      }
    }
    this.counts.reads += execution.operations.filter(({ kind }) => kind === 'read').length;
    for (const { class: kind, message } of findingsOf(cast, played)) {
      this.#firstFinding ??= { executions: this.#executions, ms: Math.round(this.elapsedMs) };
      if (!this.#sightings.has(kind)) this.#sightings.set(kind, { kind, cast, trace, execution, message });
    }
  }
}

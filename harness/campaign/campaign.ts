/** A run: every strategy of every selected target, first alone, then under storm, until the rounds or the time are used up. */

import { rmSync } from 'node:fs';
import type { Mode } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createSandbox } from '../schedule/sandbox.ts';
import { BrokenGround, type Round, storm } from '../schedule/storm.ts';
import { createPool, type SessionPool } from '../session/pool.ts';
import { Tally, withoutStorm } from '../verdict/tally.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { planRows, READERS, type Row } from './plan.ts';

export interface CampaignOptions {
  readonly scenarios: readonly Scenario[];
  /** URL of the module that exports `catalogue`, for the sessions to load. */
  readonly catalogue: string;
  readonly writers: number;
  readonly modes: readonly Mode[];
  readonly seed: number;
  /** Rounds of each row; without it, as many as fit into the budget. */
  readonly rounds?: number;
  /** Time for all rows together. */
  readonly budgetMs: number;
  /** Where sandboxes are made; the system's temporary directory by default. */
  readonly dir?: string;
}

export interface CampaignResult {
  /** In the catalogue's order. */
  readonly verdicts: readonly Verdict[];
  /** Stopped before its end; the verdicts are those of the rows that were done. */
  readonly interrupted: boolean;
  /** Why the machine could not carry the run to its end. */
  readonly broken?: string;
  readonly durationMs: number;
  readonly rounds: number;
  readonly sessionsReplaced: number;
  /** Peak resident memory of the largest session process. */
  readonly sessionPeakKiB: number;
}

/** What a watcher of the campaign is told. */
export type Progress =
  | { readonly type: 'starting'; readonly sessions: number }
  | {
      readonly type: 'round';
      readonly row: number;
      readonly rows: number;
      readonly current: Row;
      readonly tally: Tally;
    }
  | { readonly type: 'verdict'; readonly row: number; readonly rows: number; readonly verdict: Verdict };

/** A row under storm: its rounds so far, and where the next come from. */
interface Stormed {
  readonly row: Row;
  readonly tally: Tally;
  readonly rounds: AsyncGenerator<Round, never, void>;
}

/**
 * Runs a campaign. Leaves no process and no directory behind, however it ends.
 *
 * @throws {SessionsNotStarted} and errors of Node where the sandbox can't be made.
 */
export async function runCampaign(
  options: CampaignOptions,
  signal: AbortSignal,
  watch: (progress: Progress) => void,
): Promise<CampaignResult> {
  const began = performance.now();
  const rows = await planRows(options.scenarios, options.writers, options.modes);
  const sandbox = await createSandbox(options.dir);
  let pool: SessionPool | undefined;
  let campaign: Campaign | undefined;
  let broken: string | undefined;
  const onExit = (): void => rmSync(sandbox.path, { recursive: true, force: true, maxRetries: 10 });
  process.on('exit', onExit); // where something is thrown that nobody waits for
  try {
    watch({ type: 'starting', sessions: options.writers + READERS });
    const { catalogue, writers } = options;
    pool = await createPool({ writers, readers: READERS, catalogue, sandbox: sandbox.path }, signal);
    campaign = new Campaign(options, rows, pool, sandbox.path, signal, watch);
    await campaign.run();
  } catch (error) {
    if (!signal.aborted) {
      if (!(error instanceof BrokenGround) || campaign === undefined) throw error;
      broken = error.message;
    }
  } finally {
    await pool?.close();
    await sandbox.remove();
    process.off('exit', onExit);
  }
  return {
    verdicts: campaign?.verdicts ?? [],
    interrupted: signal.aborted,
    ...(broken === undefined ? {} : { broken }),
    durationMs: Math.round(performance.now() - began),
    rounds: campaign?.rounds ?? 0,
    sessionsReplaced: pool?.replaced ?? 0,
    sessionPeakKiB: campaign?.peakKiB ?? 0,
  };
}

interface FailedAlone {
  readonly status: 'BROKEN_ALONE' | 'INCONCLUSIVE';
  readonly reason: string;
}

class Campaign {
  rounds = 0;
  peakKiB = 0;
  readonly #options: CampaignOptions;
  readonly #rows: readonly Row[];
  readonly #pool: SessionPool;
  readonly #sandbox: string;
  readonly #signal: AbortSignal;
  readonly #watch: (progress: Progress) => void;
  readonly #verdicts = new Map<Row, Verdict>();
  readonly #endsAt: number;

  constructor(
    options: CampaignOptions,
    rows: readonly Row[],
    pool: SessionPool,
    sandbox: string,
    signal: AbortSignal,
    watch: (progress: Progress) => void,
  ) {
    this.#options = options;
    this.#rows = rows;
    this.#pool = pool;
    this.#sandbox = sandbox;
    this.#signal = signal;
    this.#watch = watch;
    this.#endsAt = performance.now() + options.budgetMs;
  }

  /**
   * First every row gets an equal share of the time that is left, less a reserve; rows that collide as they should give most
   * of theirs back. What remains goes, a round at a time, to the row with the least evidence among those that more rounds can
   * make stronger: whose known collisions have not been provoked yet, or that hold so far. On a loaded machine that may not
   * be enough for all to say anything: these get some time more.
   */
  async run(): Promise<void> {
    const open: Stormed[] = [];
    for (const [at, row] of this.#rows.entries()) {
      if (this.#signal.aborted) return;
      const stormed = await this.#startRow(row);
      if (stormed === undefined) continue;
      await this.#storm(stormed, this.#share((this.#rows.length - at) / (1 - RESERVE)));
      this.#conclude(stormed);
      if (!stormed.tally.settled || stormed.tally.classes.length === 0) open.push(stormed);
    }
    if (this.#options.rounds !== undefined) return;
    while (!this.#signal.aborted) {
      const overtime = performance.now() - this.#endsAt;
      const left = overtime < 0 ? open : open.filter(({ tally }) => tally.tooFew);
      if (left.length === 0 || overtime > this.#options.budgetMs * OVERTIME) return;
      const weakest = left.reduce((a, b) => (b.tally.evidence < a.tally.evidence ? b : a));
      await this.#round(weakest);
      if (this.#enough(weakest.tally, Number.POSITIVE_INFINITY)) open.splice(open.indexOf(weakest), 1);
      this.#conclude(weakest);
    }
  }

  /** Of the rows that were done, in the catalogue's order. */
  get verdicts(): readonly Verdict[] {
    return this.#rows.flatMap((row) => this.#verdicts.get(row) ?? []);
  }

  /** The row under storm; undefined where it has its verdict without one. */
  async #startRow(row: Row): Promise<Stormed | undefined> {
    const { scenario, strategy, mode } = row;
    if (row.skipped !== undefined) {
      this.#settle(row, withoutStorm(scenario, strategy, mode, 'SKIPPED', row.skipped));
      return undefined;
    }
    const failed = await this.#failsAlone(row);
    if (this.#signal.aborted) return undefined;
    if (failed !== undefined) {
      this.#settle(row, withoutStorm(scenario, strategy, mode, failed.status, failed.reason));
      return undefined;
    }
    return { row, tally: new Tally(scenario, strategy, mode), rounds: this.#roundsOf(row, row.writers, row.readers) };
  }

  /** The control: with one session, and no reader, nothing can race. What is wrong then is wrong with the writer. */
  async #failsAlone(row: Row): Promise<FailedAlone | undefined> {
    const tally = new Tally(row.scenario, row.strategy, row.mode);
    const control = this.#roundsOf(row, 1, 0);
    for (let round = 0; round < limits.controlRounds && tally.classes.length === 0 && !this.#signal.aborted; round++) {
      tally.add((await control.next()).value);
    }
    const verdict = tally.verdict(1, 0);
    const [finding] = verdict.findings;
    if (finding !== undefined) {
      return { status: 'BROKEN_ALONE', reason: `with one session already: ${finding.class}, ${finding.message}` };
    }
    if (tally.rounds === 0) return { status: 'INCONCLUSIVE', reason: `alone, ${verdict.reason}` };
    if (verdict.counts.acknowledged > 0) return undefined;
    return { status: 'BROKEN_ALONE', reason: 'with one session already: no operation was acknowledged' };
  }

  #roundsOf({ scenario, strategy, mode }: Row, writers: number, readers: number): AsyncGenerator<Round, never, void> {
    const { seed } = this.#options;
    return storm(this.#pool, { scenario, strategy, mode, seed, writers, readers, sandbox: this.#sandbox });
  }

  async #storm(stormed: Stormed, untilMs: number): Promise<void> {
    do await this.#round(stormed);
    while (!this.#signal.aborted && !this.#enough(stormed.tally, untilMs));
  }

  async #round({ row, tally, rounds }: Stormed): Promise<void> {
    const { value: round } = await rounds.next();
    if (this.#signal.aborted) return; // its sessions were ended under it
    tally.add(round);
    this.rounds++;
    this.peakKiB = Math.max(this.peakKiB, round.peakKiB);
    const at = this.#rows.indexOf(row) + 1;
    this.#watch({ type: 'round', row: at, rows: this.#rows.length, current: row, tally });
  }

  #enough(tally: Tally, untilMs: number): boolean {
    const { rounds } = this.#options;
    if (performance.now() >= untilMs) return true;
    const hopeless = tally.rounds === 0 && tally.failedRounds >= FAILED_ROUNDS_MAX;
    // A round that is stuck takes as long as the deadline: one is enough.
    if (hopeless || tally.classes.includes('STUCK')) return true;
    return rounds === undefined ? this.#shown(tally) : tally.rounds + tally.failedRounds >= rounds;
  }

  /** More rounds would show no more. */
  #shown(tally: Tally): boolean {
    return tally.classes.length > 0 && tally.settled && tally.rounds >= limits.collidingRoundsMin;
  }

  /** When a row must end so that as many more get the same time; with a number of rounds given, only the end of all counts. */
  #share(rowsLeft: number): number {
    if (this.#options.rounds !== undefined) return this.#endsAt;
    const now = performance.now();
    return now + Math.max(0, this.#endsAt - now) / rowsLeft;
  }

  #conclude({ row, tally }: Stormed): void {
    if (!this.#signal.aborted) this.#settle(row, tally.verdict(row.writers, row.readers));
  }

  #settle(row: Row, verdict: Verdict): void {
    const before = this.#verdicts.get(row);
    this.#verdicts.set(row, verdict);
    const changed = before?.status !== verdict.status || before.classes.length !== verdict.classes.length;
    if (changed) this.#watch({ type: 'verdict', row: this.#rows.indexOf(row) + 1, rows: this.#rows.length, verdict });
  }
}

/** Part of the budget that is kept for rows that turn out to need more than their share. */
const RESERVE = 0.25;

/** How much longer than its budget a run may take, as a share of it, for rows of which too little was seen. */
const OVERTIME = 0.25;

/** A row of which not one round comes through is given up after this many. */
const FAILED_ROUNDS_MAX = 3;

/** A run: every strategy of every selected target, first explored, then under storm, until the rounds or the time are used up. */

import { availableParallelism } from 'node:os';
import { type Explorers, type ServerFor, startExplorers } from '../explore/explorers.ts';
import type { Mode } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Topology } from '../scenario/topology.ts';
import { createSandbox, inMemory } from '../schedule/sandbox.ts';
import { withSandboxes } from '../schedule/sandboxes.ts';
import { BrokenGround, requireRoom } from '../schedule/storm.ts';
import { createPool, type SessionPool } from '../session/pool.ts';
import { endpointFor, Servers } from '../session/servers.ts';
import type { Exploration, Probing } from '../verdict/exploration.ts';
import { Tally, withoutStorm } from '../verdict/tally.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { Engine } from './engine.ts';
import { exploreRows, isExplored } from './exploring.ts';
import { SerialOrders } from './learning.ts';
import { onProduct, planRows, type Row } from './plan.ts';
import type { Progress } from './progress.ts';
import type { CampaignResult } from './result.ts';
import { stormRows } from './storming.ts';

export interface CampaignOptions {
  readonly engine: Engine;
  readonly scenarios: readonly Scenario[];
  /** URL of the module that exports `catalogue`, for the sessions to load. */
  readonly catalogue: string;
  readonly writers: number;
  readonly modes: readonly Mode[];
  /** Instead of the modes: how the sessions are run, from which follows what they share. */
  readonly topology?: Topology;
  readonly seed: number;
  /** Rounds of each row under storm; without it, as many as fit into the budget. */
  readonly rounds?: number;
  /** Time for all rows together. */
  readonly budgetMs: number;
  /** Steps of each row that is explored, over all executions, instead of a share of the time: the same on every machine. */
  readonly steps?: number;
  /** Where sandboxes are made. By default the system's temporary directory, and for exploration one in memory. */
  readonly dir?: string;
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
  const rows = await planRows(options.scenarios, options.writers, options.modes, options.topology);
  const make = {
    storm: () => createSandbox(options.dir),
    stages: () => createSandbox(options.dir ?? inMemory()),
    servers: () => createSandbox(), // not where the user says: the path of a socket must be short (unix(7))
  };
  const { campaign, broken } = await withSandboxes(make, async (sandboxes) => {
    const campaign = new Campaign(options, rows, sandboxes, signal, watch);
    return { campaign, broken: await campaign.runAndClose() };
  });
  return {
    verdicts: campaign.verdicts,
    interrupted: signal.aborted,
    ...(broken === undefined ? {} : { broken }),
    ...(campaign.noGate === undefined ? {} : { noGate: campaign.noGate }),
    durationMs: Math.round(performance.now() - began),
    rounds: campaign.rounds,
    executions: campaign.executions,
    sessionsReplaced: campaign.sessionsReplaced,
    sessionPeakKiB: campaign.peakKiB,
  };
}

interface Sandboxes {
  readonly storm: string;
  readonly stages: string;
  readonly servers: string;
}

class Campaign {
  rounds = 0;
  executions = 0;
  peakKiB = 0;
  noGate: string | undefined;
  readonly #options: CampaignOptions;
  readonly #rows: Row[];
  readonly #sandboxes: Sandboxes;
  readonly #signal: AbortSignal;
  readonly #watch: (progress: Progress) => void;
  readonly #verdicts = new Map<Row, Verdict>();
  readonly #explorations = new Map<Row, Exploration>();
  readonly #probings = new Map<Row, Probing>();
  /** Why what should have been explored was not. */
  readonly #unexplored = new Map<Row, string>();
  readonly #serialOrders: SerialOrders;
  readonly #began = performance.now();
  readonly #servers: Servers;
  readonly #serverFor: ServerFor;
  #explorers: Explorers | undefined;
  #pool: SessionPool | undefined;

  constructor(
    options: CampaignOptions,
    rows: readonly Row[],
    sandboxes: Sandboxes,
    signal: AbortSignal,
    watch: (progress: Progress) => void,
  ) {
    this.#options = options;
    this.#rows = [...rows];
    this.#sandboxes = sandboxes;
    this.#signal = signal;
    this.#watch = watch;
    this.#servers = new Servers(sandboxes.servers, (message) => watch({ type: 'server', message }), signal);
    this.#serverFor = endpointFor(this.#servers, options.scenarios);
    const told = (current: Row, runs: number, of: number): void => watch({ type: 'learning', current, runs, of });
    const learning = { sandboxes: [sandboxes.storm, sandboxes.stages], watch: told };
    this.#serialOrders = new SerialOrders(() => this.#sessions(), learning, signal);
  }

  /** Why it had to be broken off, where it had to. */
  async runAndClose(): Promise<string | undefined> {
    try {
      await this.#run();
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      if (error instanceof BrokenGround) return error.message;
      throw error;
    } finally {
      await this.#close();
    }
    return undefined;
  }

  async #run(): Promise<void> {
    for (const row of this.#rows) {
      const { scenario, strategy, mode, skipped } = row;
      if (skipped !== undefined) this.#settle(row, withoutStorm(scenario, strategy, mode, 'SKIPPED', skipped));
    }
    await this.#findServers();
    if (this.#signal.aborted) return;
    await this.#learn();
    if (this.#options.engine !== 'storm') await this.#explore();
    if (this.#options.engine === 'explore') {
      for (const row of this.#open()) this.#conclude(row, this.#tallyOf(row));
    } else await this.#storm(this.#open());
    await this.#askAgain();
  }

  /** Before anybody is accused: see `SerialOrders`. */
  async #askAgain(): Promise<void> {
    for (const [row, verdict] of this.#verdicts) {
      if (verdict.findings.length === 0 || this.#signal.aborted) continue;
      const reason = await this.#serialOrders.doubtOf(row, verdict);
      if (reason !== undefined)
        this.#settle(row, { ...verdict, status: 'INCONCLUSIVE', classes: [], findings: [], reason });
    }
  }

  /** What a server can't be had for is SKIPPED. */
  async #findServers(): Promise<void> {
    for (const [at, row] of this.#rows.entries()) {
      const { scenario, strategy, mode } = row;
      if (this.#signal.aborted) return;
      if (this.#verdicts.has(row)) continue;
      try {
        const server = await this.#serverFor(scenario.id, strategy, STORM);
        if (server?.product !== undefined) this.#rows[at] = onProduct(row, server.product);
      } catch (error) {
        if (this.#signal.aborted) return;
        this.#settle(row, withoutStorm(scenario, strategy, mode, 'SKIPPED', (error as Error).message));
      }
    }
  }

  /** What is right of commands that nobody has specified: their oracle from then on. */
  async #learn(): Promise<void> {
    const unknown = this.#open().filter(({ scenario }) => scenario.serial !== undefined);
    if (unknown.length === 0) return;
    await this.#sessions(); // for all of them, before any needs some
    await Promise.all(unknown.map((row) => this.#learnOf(row)));
  }

  async #learnOf(row: Row): Promise<void> {
    const { scenario, strategy, mode } = row;
    const { learned, broken } = await this.#serialOrders.learn(row);
    this.#rows[this.#rows.indexOf(row)] = learned;
    if (broken !== undefined) this.#settle(learned, withoutStorm(scenario, strategy, mode, 'BROKEN_ALONE', broken));
  }

  get #readers(): number {
    return Math.max(0, ...this.#rows.map(({ readers }) => readers));
  }

  /** As many as any row needs. */
  async #sessions(): Promise<SessionPool> {
    if (this.#pool !== undefined) return this.#pool;
    const { catalogue } = this.#options;
    const writers = Math.max(...this.#open().map((row) => row.writers));
    const readers = this.#readers;
    this.#watch({ type: 'starting', sessions: writers + readers });
    this.#pool = await createPool({ writers, readers, catalogue, sandbox: this.#sandboxes.storm }, this.#signal);
    return this.#pool;
  }

  get sessionsReplaced(): number {
    return this.#pool?.replaced ?? 0;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#pool?.close(), this.#explorers?.close()]).finally(() => this.#servers.close());
  }

  /** Rows without a verdict that more could not change. */
  #open(): readonly Row[] {
    return this.#rows.filter((row) => !this.#verdicts.has(row));
  }

  /** @throws {NoGate} where nothing but exploration was asked for. */
  async #explore(): Promise<void> {
    const rows = this.#open().filter(isExplored);
    this.#settleUnexplored();
    const { catalogue, writers, seed, engine, rounds, budgetMs, steps } = this.#options;
    const count = Math.min(availableParallelism(), rows.length);
    if (count === 0) return;
    requireRoom(this.#sandboxes.stages);
    this.#watch({ type: 'starting', sessions: (limits.exploredWriters + this.#readers) * count });
    try {
      const options = { catalogue, sandbox: this.#sandboxes.stages, count, serverFor: this.#serverFor };
      this.#explorers = await startExplorers(options, this.#signal);
    } catch (error) {
      if (engine === 'explore' || this.#signal.aborted) throw error;
      this.noGate = (error as Error).message;
      this.#watch({ type: 'no gate', reason: this.noGate });
      return;
    }
    const share = engine === 'explore' ? 1 : EXPLORING_SHARE;
    // Where a number of rounds decides when the storm ends, nothing would end the exploration of what can't be exhausted.
    const wholeMs = rounds === undefined ? budgetMs : Math.min(budgetMs, limits.explorationMs);
    const exploringMs = wholeMs * share - (performance.now() - this.#began);
    const options = {
      writers,
      seed,
      budgetMs: exploringMs,
      ...(steps === undefined ? {} : { steps }),
      serialRuns: this.#serialOrders.runs,
    };
    await exploreRows(rows, this.#explorers, options, this.#signal, {
      progress: (current, executions) => this.#exploring(current, executions, rows.length),
      explored: (row, exploration) => {
        this.#explorations.set(row, exploration);
        this.executions += exploration.effort.executions;
        this.#exploring(row, exploration.effort.executions, rows.length);
        const { scenario, strategy, mode } = row;
        if (exploration.brokenAlone === undefined) return;
        const reason = `with one session already: ${exploration.brokenAlone}`;
        this.#settle(row, withoutStorm(scenario, strategy, mode, 'BROKEN_ALONE', reason));
      },
      probed: (row, probing) => {
        this.#probings.set(row, probing);
        this.executions += probing.effort.executions;
      },
      failed: (row, reason) => {
        if (this.#explorations.has(row)) return; // what was explored already still holds
        const words = `could not be explored: ${reason}`;
        this.#unexplored.set(row, words);
        if (this.#options.engine !== 'explore') return; // the storm will tell
        const { scenario, strategy, mode } = row;
        this.#settle(row, withoutStorm(scenario, strategy, mode, 'INCONCLUSIVE', words));
      },
    });
    await this.#explorers.close();
    this.#explorers = undefined;
  }

  /** What is left to the storm is not run where there is none. */
  #settleUnexplored(): void {
    if (this.#options.engine !== 'explore') return;
    for (const row of this.#open()) {
      const { scenario, strategy, mode } = row;
      const { unexplored } = scenario.strategies[strategy]!;
      if (unexplored === undefined) continue;
      const reason = `can't be explored, only stormed: ${unexplored}`;
      this.#settle(row, withoutStorm(scenario, strategy, mode, 'SKIPPED', reason));
    }
  }

  #exploring(current: Row, executions: number, rows: number): void {
    this.#watch({ type: 'exploring', explored: this.#explorations.size, rows, current, executions });
  }

  #tallyOf(row: Row): Tally {
    const tally = new Tally(row.scenario, row.strategy, row.mode);
    const exploration = this.#explorations.get(row);
    if (exploration !== undefined) tally.explored(exploration);
    const probing = this.#probings.get(row);
    if (probing !== undefined) tally.probed(probing);
    return tally;
  }

  async #storm(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0 || this.#signal.aborted) return;
    const { seed, rounds, budgetMs } = this.#options;
    const pool = await this.#sessions();
    const options = {
      seed,
      serverFor: ({ scenario, strategy }: Row) => this.#serverFor(scenario.id, strategy, STORM),
      budgetMs,
      endsAt: this.#began + budgetMs,
      sandbox: this.#sandboxes.storm,
      ...(rounds === undefined ? {} : { rounds }),
    };
    await stormRows(rows, pool, options, this.#signal, {
      // Exploration begins with the same control.
      startsWith: (row) => ({ tally: this.#tallyOf(row), controlled: this.#explorations.has(row) }),
      stormed: (row, tally, round) => {
        this.rounds++;
        this.peakKiB = Math.max(this.peakKiB, round.peakKiB);
        this.#watch({ type: 'round', row: this.#rows.indexOf(row) + 1, rows: this.#rows.length, current: row, tally });
      },
      concluded: (row, tally) => this.#conclude(row, tally),
      failedAlone: (row, { status, reason }) => {
        this.#settle(row, withoutStorm(row.scenario, row.strategy, row.mode, status, reason));
      },
    });
  }

  /** Of the rows that were done, in the catalogue's order. */
  get verdicts(): readonly Verdict[] {
    return this.#rows.flatMap((row) => this.#verdicts.get(row) ?? []);
  }

  #conclude(row: Row, tally: Tally): void {
    if (this.#signal.aborted) return;
    const verdict = tally.verdict(row.writers, row.readers);
    const reasons = [verdict.reason, this.#unexplored.get(row)].filter((reason) => reason !== undefined);
    this.#settle(row, reasons.length === 0 ? verdict : { ...verdict, reason: reasons.join('; ') });
  }

  #settle(row: Row, judged: Verdict): void {
    const { product, uncompared = [] } = row;
    const verdict: Verdict = {
      ...judged,
      ...(product === undefined ? {} : { product }),
      ...(uncompared.length === 0 ? {} : { uncompared }),
    };
    const before = this.#verdicts.get(row);
    this.#verdicts.set(row, verdict);
    const changed = before?.status !== verdict.status || before.classes.length !== verdict.classes.length;
    if (changed) this.#watch({ type: 'verdict', row: this.#rows.indexOf(row) + 1, rows: this.#rows.length, verdict });
  }
}

/** Where the sessions of the storm work, as a name for their servers. */
const STORM = 'storm';

/** Part of the budget for exploration; the storm has what it leaves. */
const EXPLORING_SHARE = 0.6;

/** A run: every strategy of every selected target, first explored, then under storm, until the rounds or the time are used up. */

import { availableParallelism } from 'node:os';
import { type Explorers, type ServerFor, startExplorers } from '../explore/explorers.ts';
import { limits } from '../limits.ts';
import { createSandbox, inMemory } from '../schedule/sandbox.ts';
import { withSandboxes } from '../schedule/sandboxes.ts';
import { WHOLE } from '../schedule/shard.ts';
import { BrokenGround, requireRoom } from '../schedule/storm.ts';
import { createPool, type SessionPool } from '../session/pool.ts';
import { endpointFor, Servers } from '../session/servers.ts';
import { defaultRequirement } from '../verdict/level.ts';
import { Tally } from '../verdict/tally.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { Book, type BookWatch } from './book.ts';
import { exploreRows, holds, isExplored } from './exploring.ts';
import { SerialOrders } from './learning.ts';
import { findsNothing, isUnknown, lookOutside } from './look-outside.ts';
import { type CampaignOptions, givenOf } from './options.ts';
import { onProduct, planRows, type Row } from './plan.ts';
import type { Progress } from './progress.ts';
import type { CampaignResult } from './result.ts';
import { stormRows } from './storming.ts';

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
    verdicts: campaign.book.verdicts,
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
  readonly book: Book;
  readonly #sandboxes: Sandboxes;
  readonly #signal: AbortSignal;
  readonly #watch: (progress: Progress) => void;
  readonly #serialOrders: SerialOrders;
  readonly #began = performance.now();
  readonly #servers: Servers;
  readonly #serverFor: ServerFor;
  /** Rows, from 1, whose verdict is told when it can't be taken back any more. */
  readonly #provisional = new Set<number>();
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
    const told: BookWatch = {
      judged: (verdict, row) => {
        if (this.#mayBeTakenBack(rows[row - 1]!, verdict)) this.#provisional.add(row);
        else watch({ type: 'verdict', row, rows: rows.length, verdict });
      },
      recorded: (evidence) => options.record?.(evidence),
    };
    this.book = new Book(rows, options.before ?? [], told, options.required, givenOf(options, rows.length));
    this.#sandboxes = sandboxes;
    this.#signal = signal;
    this.#watch = watch;
    this.#servers = new Servers(sandboxes.servers, (message) => watch({ type: 'server', message }), signal);
    this.#serverFor = endpointFor(this.#servers, options.scenarios);
    const learned = (current: Row, runs: number, of: number): void => watch({ type: 'learning', current, runs, of });
    const learning = { sandboxes: [sandboxes.storm, sandboxes.stages], watch: learned };
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
    for (const row of this.book.open) if (row.skipped !== undefined) this.book.settle(row, 'SKIPPED', row.skipped);
    this.#settleUnexplored();
    await this.#findServers();
    if (this.#signal.aborted) return;
    await this.#learn();
    if (this.#options.engine !== 'storm') await this.#explore();
    if (this.#options.engine === 'explore') {
      for (const row of this.book.open) this.#conclude(row);
    } else await this.#storm(this.book.open);
    if (this.#options.engine === 'storm') await this.#lookOutside();
    await this.#askAgain();
    this.#tellProvisional();
  }

  /** Nobody is told of a SAFE, or of an accusation, that what comes afterwards may disprove. */
  #mayBeTakenBack(row: Row, verdict: Verdict): boolean {
    if (verdict.findings.length > 0 || verdict.contention !== undefined) return row.scenario.serial !== undefined;
    return this.#options.engine === 'storm' && isUnknown(row) && findsNothing(verdict);
  }

  #tellProvisional(): void {
    if (this.#signal.aborted) return;
    for (const at of this.#provisional) {
      const { rows } = this.book;
      const verdict = this.book.verdictOf(rows[at - 1]!);
      if (verdict !== undefined) this.#watch({ type: 'verdict', row: at, rows: rows.length, verdict });
    }
  }

  async #lookOutside(): Promise<void> {
    const { catalogue, seed } = this.#options;
    const rows = this.book.rows.filter((row) => isUnknown(row) && findsNothing(this.book.verdictOf(row)));
    const options = { catalogue, sandbox: this.#sandboxes.stages, serverFor: this.#serverFor };
    const seen = await lookOutside(rows, options, seed, this.#signal);
    for (const [row, { files, doubt }] of seen) {
      if (files.length > 0) this.book.add(row, { outside: files });
      if (doubt !== undefined) this.book.settle(row, 'INCONCLUSIVE', doubt, { sharesOutside: true });
      else if (files.length > 0) this.book.conclude(row);
    }
  }

  /** Before anybody is accused: see `SerialOrders`. */
  async #askAgain(): Promise<void> {
    for (const row of this.book.rows) {
      const verdict = this.book.verdictOf(row);
      if (verdict === undefined || this.#signal.aborted) continue;
      const { contention } = verdict;
      if (contention !== undefined && !(await this.#serialOrders.stands(row, contention))) this.book.acquit(row);
      if (verdict.findings.length === 0 || this.#signal.aborted) continue;
      const { exploration } = this.book.gathered(row);
      const unlikely = exploration?.explored.kind === 'exhaustive' && exploration.findings.length === 0;
      const reason = await this.#serialOrders.doubtOf(row, verdict, unlikely);
      if (reason !== undefined) this.book.settle(row, 'INCONCLUSIVE', reason);
    }
  }

  /** What a server can't be had for is SKIPPED. */
  async #findServers(): Promise<void> {
    for (const row of this.book.open) {
      if (this.#signal.aborted) return;
      try {
        const server = await this.#serverFor(row.scenario.id, row.strategy, STORM);
        if (server?.product !== undefined) this.book.replace(row, onProduct(row, server.product));
      } catch (error) {
        if (this.#signal.aborted) return;
        this.book.settle(row, 'SKIPPED', (error as Error).message);
      }
    }
  }

  /** What is right of commands that nobody has specified: their oracle from then on. */
  async #learn(): Promise<void> {
    const unknown = this.book.open.filter(({ scenario }) => scenario.serial !== undefined);
    if (unknown.length === 0) return;
    await this.#sessions(); // for all of them, before any needs some
    await Promise.all(unknown.map((row) => this.#learnOf(row)));
  }

  async #learnOf(row: Row): Promise<void> {
    const { learned, settled } = await this.#serialOrders.learn(row);
    this.book.replace(row, learned);
    if (settled !== undefined) this.book.settle(learned, settled.status, settled.reason);
  }

  get #readers(): number {
    return Math.max(0, ...this.book.rows.map(({ readers }) => readers));
  }

  /** As many as any row needs. */
  async #sessions(): Promise<SessionPool> {
    if (this.#pool !== undefined) return this.#pool;
    const { catalogue } = this.#options;
    const writers = Math.max(...this.book.open.map((row) => row.writers));
    const readers = this.#readers;
    this.#watch({ type: 'starting', sessions: writers + readers, gated: false });
    this.#pool = await createPool({ writers, readers, catalogue, sandbox: this.#sandboxes.storm }, this.#signal);
    return this.#pool;
  }

  get sessionsReplaced(): number {
    return this.#pool?.replaced ?? 0;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#pool?.close(), this.#explorers?.close()]).finally(() => this.#servers.close());
  }

  /** @throws {NoGate} where nothing but exploration was asked for. */
  async #explore(): Promise<void> {
    const rows = this.book.open.filter((row) => isExplored(row) && !this.#isThrough(row));
    const { catalogue, writers, seed, engine, rounds, budgetMs, steps, shard } = this.#options;
    const count = Math.min(availableParallelism(), rows.length);
    if (count === 0) return;
    requireRoom(this.#sandboxes.stages);
    const sessions = (limits.exploredWriters + this.#readers) * count;
    this.#watch({ type: 'starting', sessions, gated: true });
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
      ...(shard === undefined ? {} : { shard }),
      serialRuns: this.#serialOrders.runs,
      required: this.#options.required ?? defaultRequirement,
      before: (row: Row) => this.book.gathered(row).exploration,
    };
    await exploreRows(rows, this.#explorers, options, this.#signal, {
      progress: (current, executions) => this.#exploring(current, executions, rows.length),
      explored: (row, exploration) => {
        this.book.add(row, { exploration });
        this.executions += exploration.effort.executions;
        this.#exploring(row, exploration.effort.executions, rows.length);
        if (exploration.brokenAlone === undefined) return;
        this.book.settle(row, 'BROKEN_ALONE', exploration.brokenAlone);
      },
      probed: (row, probing) => {
        this.book.add(row, { probing });
        this.executions += probing.effort.executions;
      },
      // Free running may still find something; that it finds nothing says nothing then.
      failed: (row, reason) => {
        const unexplored = `could not be explored${this.#isExplored(row) ? ' to the end' : ''}: ${reason}`;
        if (engine === 'explore' && !this.#isExplored(row)) this.book.settle(row, 'INCONCLUSIVE', unexplored);
        else this.book.add(row, { unexplored });
      },
    });
    await this.#explorers.close();
    this.#explorers = undefined;
  }

  /** What is left to the storm is not run where there is none. */
  #settleUnexplored(): void {
    if (this.#options.engine !== 'explore') return;
    for (const row of this.book.open) {
      const { unexplored } = row.scenario.strategies[row.strategy]!;
      if (unexplored !== undefined) this.book.settle(row, 'SKIPPED', `can't be explored, only stormed: ${unexplored}`);
    }
  }

  #isExplored(row: Row): boolean {
    return this.book.gathered(row).exploration !== undefined;
  }

  /** In a run that is resumed: it has been probed, or what comes after that has begun, or there was nothing to probe. */
  #isThrough(row: Row): boolean {
    const { exploration, probing, storm } = this.book.gathered(row);
    return exploration !== undefined && (probing !== undefined || storm !== undefined || !holds(row, exploration));
  }

  #exploring(current: Row, executions: number, rows: number): void {
    const explored = this.book.evidence.filter(({ exploration }) => exploration !== undefined).length;
    this.#watch({ type: 'exploring', explored, rows, current, executions });
  }

  async #storm(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0 || this.#signal.aborted) return;
    const { seed, rounds, budgetMs, shard = WHOLE } = this.#options;
    const pool = await this.#sessions();
    const options = {
      seed,
      serverFor: ({ scenario, strategy }: Row) => this.#serverFor(scenario.id, strategy, STORM),
      budgetMs,
      usualBudget: this.#options.usualBudget ?? false,
      endsAt: this.#began + budgetMs,
      sandbox: this.#sandboxes.storm,
      shard,
      ...(rounds === undefined ? {} : { rounds: Math.ceil((rounds - shard.index + 1) / shard.count) }),
    };
    await stormRows(rows, pool, options, this.#signal, {
      // Exploration begins with the same control.
      startsWith: (row) => {
        const gathered = this.book.gathered(row);
        const tally = new Tally(row.scenario, row.strategy, row.mode, gathered, this.#options.required);
        return { tally, controlled: gathered.exploration !== undefined };
      },
      stormed: (row, tally, round) => {
        this.rounds++;
        this.peakKiB = Math.max(this.peakKiB, round.peakKiB);
        const { rows } = this.book;
        this.#watch({ type: 'round', row: rows.indexOf(row) + 1, rows: rows.length, current: row, tally });
      },
      concluded: (row, tally) => {
        this.book.add(row, tally.gathered);
        this.#conclude(row);
      },
      failedAlone: (row, { status, reason }) => this.book.settle(row, status, reason),
    });
  }

  #conclude(row: Row): void {
    if (!this.#signal.aborted) this.book.conclude(row);
  }
}

/** Where the sessions of the storm work, as a name for their servers. */
const STORM = 'storm';

/** Part of the budget for exploration; the storm has what it leaves. */
const EXPLORING_SHARE = 0.5;

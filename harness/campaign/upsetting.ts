/** Every strategy that holds as long as all goes well, under every kind of fault: the matrix. */

import { availableParallelism } from 'node:os';
import { type Explorers, type ServerFor, startExplorers } from '../explore/explorers.ts';
import type { UpsetTask } from '../explore/protocol.ts';
import { FAULTY_WRITERS } from '../explore/upset.ts';
import type { SerialRun } from '../oracle/serial.ts';
import type { FaultKind } from '../scenario/faults.ts';
import type { Scenario, Strategy } from '../scenario/scenario.ts';
import { createSandbox, inMemory } from '../schedule/sandbox.ts';
import { withSandboxes } from '../schedule/sandboxes.ts';
import { BrokenGround } from '../schedule/storm.ts';
import { endpointFor, Servers } from '../session/servers.ts';
import { better, type FaultVerdict, faultVerdict, isSettled, withoutFaults } from '../verdict/fault-verdict.ts';
import { learnedRuns } from './learning.ts';
import { onProduct, planRows, type Row } from './plan.ts';

export interface FaultOptions extends Pick<UpsetTask, 'kinds' | 'faults' | 'preemptions' | 'seed'> {
  readonly scenarios: readonly Scenario[];
  /** URL of the module that exports `catalogue`. */
  readonly catalogue: string;
  /** Time for all strategies together. */
  readonly budgetMs: number;
  /** Where the sandbox is made; in memory, without it. */
  readonly dir?: string;
}

export interface FaultResult {
  /** In the catalogue's order, and for each strategy in that of the kinds. */
  readonly faults: readonly FaultVerdict[];
  /** Stopped before its end; the verdicts are those of the strategies that were done. */
  readonly interrupted: boolean;
  readonly durationMs: number;
  readonly executions: number;
  /** Different faults that were tried. */
  readonly points: number;
}

export type FaultProgress =
  | { readonly type: 'server'; readonly message: string }
  | {
      readonly type: 'trying';
      readonly done: number;
      readonly of: number;
      readonly row: string;
      readonly executions: number;
    }
  | { readonly type: 'tried'; readonly done: number; readonly of: number; readonly verdicts: readonly FaultVerdict[] };

/**
 * Tries the faults. Leaves no process and no directory behind, however it ends.
 *
 * @throws {NoGate} where nothing can be held here.
 */
export async function runFaults(
  options: FaultOptions,
  signal: AbortSignal,
  watch: (progress: FaultProgress) => void,
): Promise<FaultResult> {
  const began = performance.now();
  const rows = (await planRows(options.scenarios, FAULTY_WRITERS, ['shared'])).filter((row) =>
    isUpset(strategyOf(row), options.kinds),
  );
  const make = { stages: () => createSandbox(options.dir ?? inMemory()), servers: () => createSandbox() };
  const found = await withSandboxes(make, async (sandboxes) => {
    const told = (message: string): void => watch({ type: 'server', message });
    const servers = new Servers(sandboxes.servers, told, signal);
    const serverFor = endpointFor(servers, options.scenarios);
    const { catalogue } = options;
    try {
      const count = Math.min(availableParallelism(), rows.length);
      const explorers = await startExplorers({ catalogue, sandbox: sandboxes.stages, count, serverFor }, signal);
      try {
        const learned = new Map<Scenario, Promise<readonly SerialRun[]>>();
        const learn = (scenario: Scenario): Promise<readonly SerialRun[]> => {
          const place = { catalogue, sandbox: sandboxes.stages };
          const runs = learned.get(scenario) ?? learnedRuns(scenario, FAULTY_WRITERS, place, signal);
          learned.set(scenario, runs);
          return runs;
        };
        return await upsetRows(rows, { explorers, serverFor, learn }, options, signal, watch);
      } finally {
        await explorers.close();
      }
    } finally {
      await servers.close();
    }
  });
  const faults = rows.flatMap((row) => found.get(row) ?? []);
  return {
    faults,
    interrupted: signal.aborted,
    durationMs: Math.round(performance.now() - began),
    executions: faults.reduce((sum, { executions }) => sum + executions, 0),
    points: faults.reduce((sum, { points }) => sum + points, 0),
  };
}

const strategyOf = ({ scenario, strategy }: Row): Strategy => scenario.strategies[strategy]!;

/** What collides by itself is no worse under faults; unless it is known what becomes of it then. */
export function isUpset({ truth, unexplored, underFaults = {} }: Strategy, kinds: readonly FaultKind[]): boolean {
  return unexplored === undefined && (truth === 'SAFE' || kinds.some((kind) => underFaults[kind] !== undefined));
}

/** What it takes to try faults. */
export interface Means {
  readonly explorers: Explorers;
  readonly serverFor: ServerFor;
  /** What is right, where that has to be found out first. */
  readonly learn: (scenario: Scenario) => Promise<readonly SerialRun[]>;
}

export async function upsetRows(
  rows: readonly Row[],
  { explorers, serverFor, learn }: Means,
  options: FaultOptions,
  signal: AbortSignal,
  watch: (progress: FaultProgress) => void,
): Promise<ReadonlyMap<Row, readonly FaultVerdict[]>> {
  const { kinds, faults, seed } = options;
  const endsAt = performance.now() + options.budgetMs;
  const found = new Map<Row, readonly FaultVerdict[]>();
  let done = 0;
  const kindsWith = (isOpen: (verdict: FaultVerdict) => boolean) => (row: Row) =>
    (found.get(row) ?? []).filter(isOpen).map(({ kind }) => kind);
  // First each fault once, which takes most strategies next to nothing; then those that it takes long; then what time is left for.
  await pass(rows, () => kinds, -1);
  await passFor(
    kindsWith((verdict) => !isSettled(verdict) && verdict.extent === 'none'),
    -1,
  );
  await passFor(
    kindsWith((verdict) => !isSettled(verdict)),
    options.preemptions,
  );
  return found;

  function passFor(kindsOf: (row: Row) => readonly FaultKind[], preemptions: number): Promise<void> {
    return pass(
      rows.filter((row) => kindsOf(row).length > 0),
      kindsOf,
      preemptions,
    );
  }

  async function pass(
    queue: readonly Row[],
    kindsOf: (row: Row) => readonly FaultKind[],
    preemptions: number,
  ): Promise<void> {
    const left = [...queue];
    const worker = async (): Promise<void> => {
      for (let row = left.shift(); row !== undefined && !signal.aborted; row = left.shift()) {
        const share = ((endsAt - performance.now()) / (left.length + 1)) * explorers.count;
        const budgetMs = Math.max(SHARE_MS_MIN, Math.min(share, endsAt - performance.now()));
        const task = { kinds: kindsOf(row), preemptions, budgetMs };
        const name = `${row.scenario.id}/${row.strategy}`;
        const verdicts = await verdictsOf(row, task, (executions) =>
          watch({ type: 'trying', done, of: rows.length, row: name, executions }),
        );
        if (signal.aborted && verdicts.every(({ executions }) => executions === 0)) return;
        const both = together(row, found.get(row) ?? [], verdicts);
        found.set(row, both);
        const isLast = preemptions >= 0 || both.every(isSettled);
        if (isLast) watch({ type: 'tried', done: ++done, of: rows.length, verdicts: both });
      }
    };
    await Promise.all(Array.from({ length: explorers.count }, worker));
  }

  async function verdictsOf(
    planned: Row,
    search: Pick<UpsetTask, 'kinds' | 'preemptions' | 'budgetMs'>,
    progress: (executions: number) => void,
  ): Promise<readonly FaultVerdict[]> {
    const { skipped, strategy } = planned;
    const all = (status: 'SKIPPED' | 'INCONCLUSIVE', why: string): readonly FaultVerdict[] =>
      search.kinds.map((kind) => withoutFaults(planned.scenario, strategy, kind, status, why));
    if (skipped !== undefined) return all('SKIPPED', skipped);
    let row = planned;
    try {
      const server = await serverFor(planned.scenario.id, strategy, 'faults');
      if (server?.product !== undefined) row = onProduct(planned, server.product);
    } catch (error) {
      return all('SKIPPED', (error as Error).message);
    }
    const { scenario } = row;
    if (!isUpset(strategyOf(row), kinds)) return all('SKIPPED', `on ${row.product} it collides by itself`);
    try {
      const learned = scenario.serial?.isRight === true ? { serialRuns: await learn(scenario) } : {};
      const task = { target: scenario.id, strategy, seed, faults, ...search, ...learned };
      const { searches, broken } = await explorers.upset(task, progress);
      if (broken !== undefined) return all('INCONCLUSIVE', broken);
      return searches.map((search) => faultVerdict(scenario, strategy, search));
    } catch (error) {
      const { name, message } = error as Error;
      if (OWN_BUGS.has(name)) throw error;
      if (/^(ENOSPC|EDQUOT)/.test(message)) throw new BrokenGround(message);
      return all('INCONCLUSIVE', message);
    }
  }
}

/** Of each kind what the passes amount to so far. */
const together = (
  { scenario }: Row,
  before: readonly FaultVerdict[],
  after: readonly FaultVerdict[],
): readonly FaultVerdict[] =>
  before.length === 0
    ? after
    : before.map((first) => {
        const second = after.find(({ kind }) => kind === first.kind);
        return second === undefined ? first : better(scenario, first, second);
      });

/** What no session can cause. */
const OWN_BUGS: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError', 'JudgeFailed']);

/** A strategy that is begun gets this long, however late it is. */
const SHARE_MS_MIN = 1_000;

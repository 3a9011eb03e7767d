/** Before anything else, where nobody has said what is right: the commands in every order, one after another, more than once. */

import { setTimeout as sleep } from 'node:timers/promises';
import { NameIsNoText } from '../history/entries.ts';
import { type Execution, writesOf } from '../history/execution.ts';
import { limits } from '../limits.ts';
import { RUNS_MIN } from '../oracle/bonds.ts';
import { type SerialRun, specificationOf, specified, toldApart } from '../oracle/serial.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { LeftRunning, NotSerial, serially } from '../schedule/serially.ts';
import { createPool, type SessionPool } from '../session/pool.ts';
import type { Contention } from '../verdict/contention.ts';
import type { RowEvidence } from '../verdict/gathered.ts';
import { judge, type Verdict } from '../verdict/verdict.ts';
import { planRows, type Row } from './plan.ts';

export interface LearningOptions {
  /** Directories of the run, on all file systems that executions take place on: each shows what it is like there. */
  readonly sandboxes: readonly string[];
  readonly watch: (row: Row, runs: number, of: number) => void;
  /** Rows that wait for time to pass do so together; whoever runs has the sessions to itself. */
  readonly inTurn?: <T>(run: () => Promise<T>) => Promise<T>;
}

export interface Learned {
  readonly learned: Row;
  readonly settled?: Pick<NonNullable<RowEvidence['settled']>, 'status' | 'reason'>;
}

/** What the commands of a campaign do one after another. */
export class SerialOrders {
  /** By target. */
  readonly runs = new Map<string, readonly SerialRun[]>();
  readonly #unlearned = new Map<string, Scenario>();
  readonly #pool: () => Promise<SessionPool>;
  readonly #options: LearningOptions;
  readonly #signal: AbortSignal;

  constructor(pool: () => Promise<SessionPool>, options: LearningOptions, signal: AbortSignal) {
    this.#pool = pool;
    this.#options = { inTurn: turns(), ...options };
    this.#signal = signal;
  }

  /** The row, with what was learned for an oracle; and its verdict, where there is nothing to compare with. */
  async learn(row: Row): Promise<Learned> {
    const { scenario } = row;
    try {
      const runs = await this.#runsOf(row);
      const { lines, untested } = scenario.serial!;
      this.runs.set(scenario.id, runs);
      this.#unlearned.set(scenario.id, scenario);
      const broken = brokenAlone(runs, lines) ?? beyondReach(scenario, runs);
      const { uncompared } = specificationOf(runs, lines);
      const learned = withinReach({ ...row, scenario: specified(scenario, runs), uncompared }, runs);
      if (broken !== undefined) return { learned, settled: { status: 'BROKEN_ALONE', reason: broken } };
      const reason = untested?.(runs.flatMap(({ after }) => after.map(({ final }) => final)));
      return reason === undefined ? { learned } : { learned, settled: { status: 'VACUOUS', reason } };
    } catch (error) {
      if (error instanceof LeftRunning || error instanceof NameIsNoText)
        return { learned: row, settled: { status: 'INCONCLUSIVE', reason: error.message } };
      if (!(error instanceof NotSerial)) throw error;
      return { learned: row, settled: { status: 'BROKEN_ALONE', reason: error.message } };
    }
  }

  /**
   * What differs by itself may differ later in ways that it did not at first: in another minute, on another day. Before anybody is
   * accused, the commands are run one after another once more; undefined where the findings stand.
   *
   * @param unlikely all interleavings were looked at, and show none of the findings: it may be that the commands do something else
   * now and then, by themselves. They are run many times.
   */
  async doubtOf(row: Row, { findings }: Verdict, unlikely = false): Promise<string | undefined> {
    const before = this.runs.get(row.scenario.id);
    const scenario = this.#unlearned.get(row.scenario.id);
    if (before === undefined || scenario?.serial === undefined) return undefined;
    const { isRight } = scenario.serial;
    let runs = before;
    for (const { class: kind, witness } of findings) {
      if (kind === 'STUCK' || (!isRight && kind !== 'FAILS_UNDER_CONTENTION')) continue;
      for (let time = 0; time < (unlikely ? UNLIKELY_TIMES : 1); time++) {
        const again = await this.#inEveryOrder(row, witness, runs);
        if (again === undefined) {
          const sessions = new Set(writesOf(witness).map(({ session }) => session)).size;
          return `${sessions} sessions have more orders than can be run, and none that was run explains what was seen: run fewer`;
        }
        const isNew = unlikely && beyondReach(specified(scenario, runs), again) !== undefined;
        runs = [...runs, ...again];
        const broken = kind === 'FAILS_UNDER_CONTENTION' ? beyondReach(scenario, again) : undefined;
        if (broken !== undefined) return broken;
        if (isNew || judge(specified(scenario, runs), witness).length === 0) {
          return 'what differs by itself differed in more ways than it did at first: run it again';
        }
      }
    }
    return undefined;
  }

  /** A command that fails now and then by itself does not fail because of others: is there still no order that explains it? */
  async stands(row: Row, { witness }: Contention): Promise<boolean> {
    const before = this.runs.get(row.scenario.id);
    const scenario = this.#unlearned.get(row.scenario.id);
    if (before === undefined || scenario === undefined) return true;
    const again = await this.#inEveryOrder(row, witness, before);
    return again !== undefined && specified(scenario, [...before, ...again]).contends?.(witness) !== undefined;
  }

  /** The sessions of a witness in every order, once more, with the others behind them; undefined where those are too many. */
  async #inEveryOrder(
    row: Row,
    witness: Execution,
    before: readonly SerialRun[],
  ): Promise<readonly SerialRun[] | undefined> {
    const lines = row.scenario.serial!.lines.slice(0, row.writers);
    const sessions = [...new Set(writesOf(witness).map(({ session }) => session))].sort((a, b) => a - b);
    const orders = permutationsOf(sessions, toldApart(before, lines));
    if (orders.length > limits.serialOrders) return undefined;
    const rest = [...lines.keys()].filter((session) => !sessions.includes(session));
    const again = orders.map((order) => [...order, ...rest]);
    return await runsOf(row, again, await this.#pool(), { ...this.#options, times: 1 }, this.#signal);
  }

  async #runsOf(row: Row): Promise<readonly SerialRun[]> {
    return await serialRuns(row, await this.#pool(), this.#options, this.#signal);
  }
}

/** Sessions of one kind that can be told apart all the same: no more of them at once than have orders that can be run. */
function withinReach(row: Row, runs: readonly SerialRun[]): Row {
  const { scenario, writers } = row;
  const { serial, writersMin = 0 } = scenario;
  if (serial?.isRight !== true) return row;
  const names = new Set(toldApart(runs, serial.lines.slice(0, writers)));
  return names.size > limits.toldApart && writersMin <= limits.toldApart ? { ...row, writers: limits.toldApart } : row;
}

/** Times differ from one second to the next: two runs of an order must not fall into the same one. */
const APART_MS = 1_100;

/** What the commands of a row do in every order, or in a sample of all orders. @throws where they can't be run so. */
export async function serialRuns(
  row: Row,
  pool: SessionPool,
  options: LearningOptions,
  signal: AbortSignal,
): Promise<readonly SerialRun[]> {
  const lines = row.scenario.serial!.lines.slice(0, row.writers);
  // Are those with the same command interchangeable? Each does alone what the others do.
  const alike = lines.flatMap((line, session) => (lines.indexOf(line) < session ? [[session]] : []));
  const first = alike.length === 0 ? [] : await runsOf(row, [[...lines.keys()], ...alike], pool, options, signal);
  const orders = ordersOf(toldApart(first, lines)).filter((order) => !first.some((run) => sameOrder(run.order, order)));
  const runs = [...first, ...(await runsOf(row, orders, pool, options, signal))];
  const whole = runs.filter(({ order }) => order.length === lines.length);
  // Of a single order: where it draws values, are those that are equal so by chance?
  const more = whole.length < RUNS_MIN && new Set(whole.map(leftBy)).size > 1 ? [whole[0]!.order] : [];
  return [...runs, ...(await runsOf(row, more, pool, { ...options, times: RUNS_MIN - whole.length }, signal))];
}

const leftBy = ({ after }: SerialRun): string => {
  const end = after.at(-1)!;
  return JSON.stringify([end.final, writesOf(end).map(({ output }) => output)]);
};

/** The same for a scenario of which nothing else is run. */
export async function learnedRuns(
  scenario: Scenario,
  writers: number,
  { catalogue, sandbox }: { readonly catalogue: string; readonly sandbox: string },
  signal: AbortSignal,
): Promise<readonly SerialRun[]> {
  const [row] = await planRows([scenario], writers, ['shared']);
  const pool = await createPool({ writers: row!.writers, readers: 0, catalogue, sandbox }, signal);
  return await serialRuns(row!, pool, { sandboxes: [sandbox], watch: () => {} }, signal).finally(() => pool.close());
}

const sameOrder = (one: readonly number[], other: readonly number[]): boolean => one.join() === other.join();

/** Each order several times, so that what differs by itself shows. */
async function runsOf(
  row: Row,
  orders: readonly (readonly number[])[],
  pool: SessionPool,
  { sandboxes, watch, inTurn = atOnce, times = TIMES }: LearningOptions & { readonly times?: number },
  signal: AbortSignal,
): Promise<readonly SerialRun[]> {
  const { scenario, strategy, writers } = row;
  const runs: SerialRun[] = [];
  const began = performance.now();
  for (let time = 0; time < times && orders.length > 0; time++) {
    if (time > 0) await sleep(Math.max(0, began + APART_MS - performance.now()));
    for (const order of orders) {
      signal.throwIfAborted();
      const plan = {
        scenario,
        strategy,
        sessions: order,
        writers,
        operations: 1,
        sandbox: sandboxes[time % sandboxes.length]!,
      };
      runs.push({ order, after: await inTurn(() => serially(pool, plan)) });
      watch(row, runs.length, orders.length * times);
    }
  }
  return runs;
}

const TIMES = 2;

/** What happens once in sixteen times is seen in so many with two sessions, or else hardly ever. */
const UNLIKELY_TIMES = 20;

const atOnce = <T>(run: () => Promise<T>): Promise<T> => run();

/** Each when the one before is over, however that ended. */
function turns(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const next = last.then(run, run);
    last = next;
    return next;
  };
}

/** Why there is nothing to compare with: a command that never works, with nobody in its way. */
export function brokenAlone(runs: readonly SerialRun[], commands: readonly string[]): string | undefined {
  const last = runs.flatMap(({ after }) => writesOf(after.at(-1)!));
  const failing = last.find(
    ({ session }) => !last.some((other) => commands[other.session] === commands[session] && other.outcome === 'ok'),
  );
  if (failing === undefined) return undefined;
  const { exitCode, stderr = '', error, session } = failing;
  const words = stderr.trim().split('\n').at(-1) || 'no error output';
  // A function has no exit code.
  const details = exitCode === undefined ? (error?.message ?? words) : `exit code ${exitCode}, ${words}`;
  return `\`${commands[session]}\` fails even when it runs alone (${details}): fix it before testing it for races`;
}

/** What is expected of sessions at once, and does not even hold of sessions one after another. */
function beyondReach(scenario: Scenario, runs: readonly SerialRun[]): string | undefined {
  for (const { order, after } of runs) {
    const [finding] = judge(scenario, after.at(-1)!);
    const words = order.map((session) => `s${session}`).join(', then ');
    if (finding !== undefined) return `what is expected does not hold one after another (${words}): ${finding.message}`;
  }
  return undefined;
}

/** Every order of sessions that can be told apart: those that can't keep theirs. Of too many, all orders of the first few. */
export function ordersOf(names: readonly string[]): readonly (readonly number[])[] {
  const all = permutationsOf([...names.keys()], names);
  if (all.length <= limits.serialOrders) return all;
  const rest = [...names.keys()].slice(limits.toldApart);
  return permutationsOf([...names.keys()].slice(0, limits.toldApart), names).map((order) => [...order, ...rest]);
}

/** At most one more than are of use. */
function permutationsOf(sessions: readonly number[], names: readonly string[]): readonly (readonly number[])[] {
  const all: (readonly number[])[] = [];
  const place = (order: readonly number[]): void => {
    if (all.length > limits.serialOrders) return;
    if (order.length === sessions.length) all.push(order);
    const left = sessions.filter((session) => !order.includes(session));
    for (const session of left) {
      if (left.find((other) => names[other] === names[session]) === session) place([...order, session]);
    }
  };
  place([]);
  return all;
}

/** Before anything else, where nobody has said what is right: the commands in every order, one after another, more than once. */

import { setTimeout as sleep } from 'node:timers/promises';
import { writesOf } from '../history/execution.ts';
import { limits } from '../limits.ts';
import { type SerialRun, specified } from '../oracle/serial.ts';
import { NotSerial, serially } from '../schedule/serially.ts';
import type { SessionPool } from '../session/pool.ts';
import { draws } from '../session/random.ts';
import { judge, type Verdict } from '../verdict/verdict.ts';
import type { Row } from './plan.ts';

export interface LearningOptions {
  readonly sandbox: string;
  readonly seed: number;
  readonly watch: (row: Row, runs: number, of: number) => void;
}

/** What the commands of a campaign do one after another. */
export class SerialOrders {
  /** By target. */
  readonly runs = new Map<string, readonly SerialRun[]>();
  readonly #pool: (writers: number) => Promise<SessionPool>;
  readonly #options: LearningOptions;
  readonly #signal: AbortSignal;

  constructor(pool: (writers: number) => Promise<SessionPool>, options: LearningOptions, signal: AbortSignal) {
    this.#pool = pool;
    this.#options = options;
    this.#signal = signal;
  }

  /** The row, with what was learned for an oracle; or why there is nothing to compare with. */
  async learn(row: Row): Promise<{ readonly learned: Row; readonly broken?: string }> {
    const { scenario } = row;
    try {
      const runs = await this.#runsOf(row);
      this.runs.set(scenario.id, runs);
      const broken = brokenAlone(runs, scenario.judgedBySerialOrders!);
      const learned = { ...row, scenario: specified(scenario, runs) };
      return { learned, ...(broken === undefined ? {} : { broken }) };
    } catch (error) {
      if (!(error instanceof NotSerial)) throw error;
      return { learned: row, broken: error.message };
    }
  }

  /**
   * What differs by itself may differ later in ways that it did not at first: in another minute, on another day. Before anybody is
   * accused, the commands are run one after another once more; undefined where the findings stand.
   */
  async doubtOf(row: Row, { findings }: Verdict): Promise<string | undefined> {
    const before = this.runs.get(row.scenario.id);
    if (before === undefined) return undefined;
    const runs = [...before, ...(await this.#runsOf(row))];
    const judged = specified({ ...row.scenario, oracles: [] }, runs);
    const stands = findings.every(({ class: kind, witness }) => kind === 'STUCK' || judge(judged, witness).length > 0);
    return stands ? undefined : 'what differs by itself differed in more ways than it did at first: run it again';
  }

  async #runsOf(row: Row): Promise<readonly SerialRun[]> {
    return await serialRuns(row, await this.#pool(row.writers), this.#options, this.#signal);
  }
}

/** Times differ from one second to the next: two runs of an order must not fall into the same one. */
const APART_MS = 1_100;

/** What the commands of a row do in every order, or in a sample of all orders. @throws where they can't be run so. */
export async function serialRuns(
  row: Row,
  pool: SessionPool,
  { sandbox, seed, watch }: LearningOptions,
  signal: AbortSignal,
): Promise<readonly SerialRun[]> {
  const { scenario, strategy, writers } = row;
  const commands = scenario.judgedBySerialOrders!;
  const orders = ordersOf(commands.slice(0, writers), `${seed}/${scenario.id}`);
  const runs: SerialRun[] = [];
  const began = performance.now();
  for (let time = 0; time < TIMES; time++) {
    if (time > 0) await sleep(Math.max(0, began + APART_MS - performance.now()));
    for (const order of orders) {
      signal.throwIfAborted();
      const plan = { scenario, strategy, sessions: order, writers, operations: 1, sandbox };
      runs.push({ order, after: await serially(pool, plan) });
      watch(row, runs.length, orders.length * TIMES);
    }
  }
  return runs;
}

const TIMES = 2;

/** Why there is nothing to compare with: a command that never works, with nobody in its way. */
export function brokenAlone(runs: readonly SerialRun[], commands: readonly string[]): string | undefined {
  const last = runs.flatMap(({ after }) => writesOf(after.at(-1)!));
  const failing = last.find(
    ({ session }) => !last.some((other) => commands[other.session] === commands[session] && other.outcome === 'ok'),
  );
  if (failing === undefined) return undefined;
  const { error, stderr = '', session } = failing;
  const why = stderr.trim() || error?.message || 'it says nothing';
  return `\`${commands[session]}\` fails with nobody else there: ${why.split('\n').at(-1)}`;
}

/** Every order of sessions that can be told apart; of too many, some. Those with the same command can't: they keep their order. */
export function ordersOf(commands: readonly string[], seed: string): readonly (readonly number[])[] {
  const all: number[][] = [];
  const place = (order: readonly number[]): void => {
    if (all.length > limits.serialOrders * ENOUGH_TO_DRAW_FROM) return;
    if (order.length === commands.length) all.push([...order]);
    for (const [session, command] of commands.entries()) {
      const later = commands.findIndex((other, at) => other === command && !order.includes(at));
      if (!order.includes(session) && later === session) place([...order, session]);
    }
  };
  place([]);
  if (all.length <= limits.serialOrders) return all;
  const draw = draws(seed);
  return Array.from({ length: limits.serialOrders }, () => all.splice(draw(0, all.length - 1), 1)[0]!);
}

const ENOUGH_TO_DRAW_FROM = 40;

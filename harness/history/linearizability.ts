/**
 * Is there an order of the operations that the model allows, and in which none comes before another that had returned when it
 * was invoked? (Herlihy & Wing, TOPLAS 1990.) The search is that of Wing & Gong (1993), with the memory of Lowe (2017), as
 * Porcupine has it; and with two liberties about operations in doubt, which are at `moves`.
 */

import { isDeepStrictEqual } from 'node:util';
import { type History, type Model, type ModelOperation, nextsOf } from './model.ts';
import { type Call, callable, putBack, type Timeline, takeOut, timelineOf } from './timeline.ts';

export type Linearizability<Input, Output> =
  /** `order` explains every answer. Operations in doubt are in it where they are needed. */
  | { readonly kind: 'linearizable'; readonly order: History<Input, Output> }
  | Violation<Input, Output>
  | { readonly kind: 'unknown'; readonly reason: string };

/** No order explains the history. */
export interface Violation<Input, Output> {
  readonly kind: 'violation';
  /** The first partition that can't be explained, in order of invocation, without what failed. */
  readonly history: History<Input, Output>;
  /** An order that explains as many answers as can be… */
  readonly longest: History<Input, Output>;
  /** …and the operations of which one would have to come next, none of which can. */
  readonly blocked: readonly Blocked<Input, Output>[];
}

export interface Blocked<Input, Output> {
  readonly operation: ModelOperation<Input, Output>;
  /** What the model would let it answer there. Empty: it could not happen at all. */
  readonly allowed: readonly Output[];
}

export interface CheckOptions {
  /** How many steps the search may take in each partition before it gives up. */
  readonly stepsMax?: number;
}

/** Takes some seconds and some hundred megabytes. */
const STEPS_MAX = 1_000_000;

/**
 * Pure. `unknown` only where the search gave up and no partition is known to be wrong.
 *
 * @param history in any order.
 * @throws {RangeError} for an operation that returns before it is invoked.
 */
export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  { stepsMax = STEPS_MAX }: CheckOptions = {},
): Linearizability<Input, Output> {
  const orders: History<Input, Output>[] = [];
  let unknown: Linearizability<Input, Output> | undefined;
  for (const partition of partitionsOf(model, history)) {
    const verdict = search(model, partition, stepsMax);
    if (verdict.kind === 'violation') return verdict;
    if (verdict.kind === 'unknown') unknown ??= verdict;
    else orders.push(verdict.order);
  }
  return unknown ?? { kind: 'linearizable', order: merged(orders) };
}

/** What happened, or may have, in parts that don't affect each other; each in order of invocation. */
function partitionsOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): readonly History<Input, Output>[] {
  const happened = history
    .filter(({ completion }) => completion.type !== 'fail')
    .toSorted((a, b) => a.invoked - b.invoked);
  return [...Map.groupBy(happened, ({ input }) => model.partition?.(input)).values()];
}

/**
 * One order out of those of all partitions. Each operation takes effect at the latest invocation up to its place, which is in
 * its own interval, because whatever comes before it was invoked before it returned: so time is respected across partitions.
 */
function merged<Input, Output>(orders: readonly History<Input, Output>[]): History<Input, Output> {
  const effects = orders.flatMap((order) => {
    let at = Number.NEGATIVE_INFINITY;
    return order.map((operation) => {
      at = Math.max(at, operation.invoked);
      return { operation, at };
    });
  });
  return effects.sort((a, b) => a.at - b.at).map(({ operation }) => operation);
}

/** A place in the search: some operations are out of the timeline, and the model is in some state. */
interface Frame<State, Input, Output> {
  readonly state: State;
  readonly linearized: Places;
  /** How many of them were answered. */
  readonly answered: number;
  /** The operation that led here; undefined at the beginning. */
  readonly call: Call<Input, Output> | undefined;
  /** Where to go from here. Read on only while the timeline is as it was on arrival. */
  readonly moves: Iterator<Move<State, Input, Output>>;
}

interface Move<State, Input, Output> {
  readonly call: Call<Input, Output>;
  readonly state: State;
}

/** Depth first through the orders of one partition, but never twice to the same operations with the same state (Lowe). */
function search<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  stepsMax: number,
): Linearizability<Input, Output> {
  const timeline = timelineOf(history);
  const visited = new Set<string>();
  let steps = 0;
  let explained = -1;
  let violation: Violation<Input, Output> = { kind: 'violation', history, longest: [], blocked: [] };
  const path: Frame<State, Input, Output>[] = [
    { state: model.init, linearized: none, answered: 0, call: undefined, moves: moves(model, timeline, model.init) },
  ];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    if (top.answered === timeline.answered) return { kind: 'linearizable', order: orderOf(path) };
    const { done, value: move } = top.moves.next();
    if (done) {
      // A dead end behind operations in doubt explains no more than the one before them, and less clearly.
      if (top.answered > explained && !isInDoubt(top.call)) {
        explained = top.answered;
        violation = { ...violation, longest: orderOf(path), blocked: blockedAt(model, timeline, top.state) };
      }
      path.pop();
      if (top.call !== undefined) putBack(top.call);
      continue;
    }
    steps++;
    if (steps > stepsMax) return { kind: 'unknown', reason: `the search gave up after ${stepsMax} steps` };
    const { call, state } = move;
    const linearized = including(top.linearized, call.place);
    const key = `${linearized.below} ${linearized.beyond} ${keyOf(model, state)}`;
    if (visited.has(key)) continue;
    visited.add(key);
    takeOut(call);
    const answered = call.answer === undefined ? top.answered : top.answered + 1;
    path.push({ state, linearized, answered, call, moves: moves(model, timeline, state) });
  }
  return violation;
}

/**
 * What may come next. Operations in doubt last: most orders do without them. And only those that change the state, since
 * any may as well be left out; and of several that ask the same, the one invoked first, which can stand for all.
 */
function* moves<State, Input, Output>(
  model: Model<State, Input, Output>,
  timeline: Timeline<Input, Output>,
  before: State,
): Generator<Move<State, Input, Output>, undefined> {
  for (const call of callable(timeline)) {
    if (call.answer === undefined) continue;
    for (const { output, state } of nextsOf(model, before, call.operation.input))
      if (isDeepStrictEqual(output, call.answer.output)) yield { call, state };
  }
  const asked = new Set<string>();
  for (const call of callable(timeline)) {
    if (call.answer !== undefined || asked.has(call.asks)) continue;
    asked.add(call.asks);
    for (const { state } of nextsOf(model, before, call.operation.input))
      if (keyOf(model, state) !== keyOf(model, before)) yield { call, state };
  }
}

const isInDoubt = (call: Call<unknown, unknown> | undefined): boolean =>
  call !== undefined && call.answer === undefined;

const keyOf = <State>(model: Model<State, never, unknown>, state: State): string =>
  model.key?.(state) ?? JSON.stringify(state);

const orderOf = <Input, Output>(path: readonly Frame<unknown, Input, Output>[]): History<Input, Output> =>
  path.flatMap(({ call }) => call?.operation ?? []);

/** At a dead end: the answered operations that time lets come next, and what each should have answered. */
const blockedAt = <State, Input, Output>(
  model: Model<State, Input, Output>,
  timeline: Timeline<Input, Output>,
  state: State,
): readonly Blocked<Input, Output>[] =>
  [...callable(timeline)]
    .filter(({ answer }) => answer !== undefined)
    .map(({ operation }) => ({
      operation,
      allowed: nextsOf(model, state, operation.input).map(({ output }) => output),
    }));

/**
 * A set of places: all below one, and some beyond. Operations are taken out nearly in the order of their returns, so this stays
 * small however long the history is, where a bit for each operation would not.
 */
interface Places {
  readonly below: number;
  /** In ascending order; `below` itself is not among them. */
  readonly beyond: readonly number[];
}

const none: Places = { below: 0, beyond: [] };

function including({ below, beyond }: Places, place: number): Places {
  if (place !== below) return { below, beyond: [...beyond, place].sort((a, b) => a - b) };
  const gap = beyond.findIndex((other, at) => other !== below + 1 + at);
  const joined = gap === -1 ? beyond.length : gap;
  return { below: below + 1 + joined, beyond: beyond.slice(joined) };
}

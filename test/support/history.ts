/** Histories: literal ones in a few words, any ones, and what they are by definition. */

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  type Completion,
  type History,
  type Model,
  type ModelOperation,
  nextsOf,
} from '../../harness/history/model.ts';

type AnyModel = Model<unknown, unknown, unknown>;
type AnyHistory = History<unknown, unknown>;
type AnyOperation = ModelOperation<unknown, unknown>;

/** An operation from one instant to another, answered. */
export const ok = <Input, Output>(
  id: string,
  input: Input,
  output: Output,
  [invoked, returned]: readonly [number, number],
): ModelOperation<Input, Output> => ({ id, process: id, input, invoked, completion: { type: 'ok', output, returned } });

/** It did not happen, for certain. */
export const fail = <Input>(id: string, input: Input, invoked: number): ModelOperation<Input, never> => ({
  id,
  process: id,
  input,
  invoked,
  completion: { type: 'fail' },
});

/** It may have happened, or may yet. */
export const info = <Input>(id: string, input: Input, invoked: number): ModelOperation<Input, never> => ({
  ...fail(id, input, invoked),
  completion: { type: 'info' },
});

const isOk = ({ completion }: AnyOperation): boolean => completion.type === 'ok';

const returnedBefore = (a: AnyOperation, b: AnyOperation): boolean =>
  a.completion.type === 'ok' && a.completion.returned < b.invoked;

/** One state for each partition: the definition, without the theorem that partitions can be checked apart. */
type States = Readonly<Record<string, unknown>>;

/** All that can have become of the things that an operation touched, if it answered what it did. */
function statesAfter(model: AnyModel, states: States, { input, completion }: AnyOperation): readonly States[] {
  const partition = model.partition?.(input) ?? '';
  return nextsOf(model, partition in states ? states[partition] : model.init, input)
    .filter(
      ({ output }) => completion.type === 'info' || (completion.type === 'ok' && agree(output, completion.output)),
    )
    .map(({ state }) => ({ ...states, [partition]: state }));
}

const agree = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);

/**
 * How many answers can be explained, trying every order of every choice of operations: those that respect time, and in which
 * the model allows each answer. The history is linearizable if these are all answers.
 */
export function explainable(model: AnyModel, history: AnyHistory): number {
  const longest = (states: States, left: AnyHistory): number =>
    Math.max(
      0,
      ...left
        .filter((operation) => !left.some((other) => returnedBefore(other, operation)))
        .flatMap((operation) =>
          statesAfter(model, states, operation).map(
            (after) =>
              Number(isOk(operation)) +
              longest(
                after,
                left.filter((other) => other !== operation),
              ),
          ),
        ),
    );
  return longest(
    {},
    history.filter(({ completion }) => completion.type !== 'fail'),
  );
}

export const answersIn = (history: AnyHistory): number => history.filter(isOk).length;

/** Does this order respect time, and does the model allow each answer in it? */
export function explains(model: AnyModel, order: AnyHistory): boolean {
  const inTime = order.every((later, at) => !order.slice(0, at).some((earlier) => returnedBefore(later, earlier)));
  const states = order.reduce<readonly States[]>(
    (before, operation) => before.flatMap((each) => statesAfter(model, each, operation)),
    [{}],
  );
  return inTime && states.length > 0 && new Set(order).size === order.length;
}

interface Shape {
  readonly input: unknown;
  readonly invoked: number;
  readonly lasts: number;
  readonly effect: number;
  readonly type: Completion<unknown>['type'];
  /** What it answers instead of the truth. */
  readonly lie: { readonly output: unknown } | undefined;
}

/**
 * Short histories whose operations took effect within their intervals, so that most can be explained, except that some
 * operations lie. Instants are few, so that many operations touch.
 */
export function anyHistory<State, Input, Output>(
  model: Model<State, Input, Output>,
  inputs: fc.Arbitrary<Input>,
  outputs: fc.Arbitrary<Output>,
): fc.Arbitrary<History<Input, Output>> {
  const shape: fc.Arbitrary<Shape> = fc.record({
    input: inputs,
    invoked: fc.nat(10),
    lasts: fc.nat(5),
    effect: fc.nat(5),
    type: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'info', 'fail'),
    lie: fc.option(fc.record({ output: outputs }), { freq: 6, nil: undefined }),
  });
  return fc
    .array(shape, { maxLength: 6 })
    .map((shapes) => performed(model as unknown as AnyModel, shapes) as History<Input, Output>);
}

/** Runs the model in the order in which operations take effect. Of those in doubt, some never do. */
function performed(model: AnyModel, shapes: readonly Shape[]): AnyHistory {
  let states: States = {};
  const truths = new Map<Shape, unknown>();
  const effectOf = ({ invoked, lasts, effect }: Shape): number => invoked + Math.min(lasts, effect);
  for (const shape of shapes.toSorted((a, b) => effectOf(a) - effectOf(b))) {
    if (shape.type === 'fail' || (shape.type === 'info' && shape.effect % 2 === 0)) continue;
    const partition = model.partition?.(shape.input) ?? '';
    const [next] = nextsOf(model, partition in states ? states[partition] : model.init, shape.input);
    if (next === undefined) continue;
    states = { ...states, [partition]: next.state };
    truths.set(shape, next.output);
  }
  return shapes.map((shape, at) => {
    const { input, invoked, lasts, type, lie } = shape;
    if (type === 'fail') return fail(`op${at}`, input, invoked);
    if (type === 'info' || !truths.has(shape)) return info(`op${at}`, input, invoked);
    return ok(`op${at}`, input, lie === undefined ? truths.get(shape) : lie.output, [invoked, invoked + lasts]);
  });
}

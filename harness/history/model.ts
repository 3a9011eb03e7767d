/** What a checker compares: a history, and a model that says what its operations could have answered. Plain data. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * A sequential specification: the simplest correct program, run one operation at a time.
 *
 * `step` says what an operation must answer, instead of whether an answer is right. So the checker can explain a refusal by
 * itself ("read answered 1 where the model allows 2"), and can apply operations whose answer was never heard.
 */
export interface Model<State, Input, Output> {
  readonly init: State;
  /** Pure: the old state stays as it is. Several where several are allowed; none where the operation can't happen now. */
  step(state: State, input: Input): Next<State, Output> | readonly Next<State, Output>[];
  /**
   * Operations in different partitions can't affect each other. They are checked apart, each from `init`, which makes a search
   * of many short ones out of a long one (P-compositionality: Horn & Kroening, FORTE 2015).
   */
  partition?(input: Input): string;
  /** Tells states apart, and equal ones not, if it can. Left out: the state as JSON. */
  key?(state: State): string;
}

export interface Next<State, Output> {
  readonly output: Output;
  readonly state: State;
}

export type ProcessId = number | string;

/** One operation in the words of a model. */
export interface ModelOperation<Input, Output> {
  /** For people: `s1.3`, `line 7`. */
  readonly id: string;
  /** Who called it, one operation after another: a session, a client. */
  readonly process: ProcessId;
  /** Plain JSON. */
  readonly input: Input;
  /** On the same clock as `returned`, whatever its unit. */
  readonly invoked: number;
  readonly completion: Completion<Output>;
}

/**
 * How an operation ended, in Jepsen's words. `fail`: it did not happen, for certain. `info`: it may have happened, or may yet,
 * and nobody knows what it answered, so it has no instant of return.
 */
export type Completion<Output> = Answered<Output> | { readonly type: 'fail' } | { readonly type: 'info' };

export interface Answered<Output> {
  readonly type: 'ok';
  readonly output: Output;
  readonly returned: number;
}

export type History<Input, Output> = readonly ModelOperation<Input, Output>[];

/** All that the model lets an operation do now. */
export function nextsOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  state: State,
  input: Input,
): readonly Next<State, Output>[] {
  const nexts = model.step(state, input);
  return 'state' in nexts ? [nexts] : nexts;
}

/** Says which of several things of one kind is meant, where there are several. */
export interface Keyed {
  readonly key?: string;
}

/** A model of one thing as a model of any number of them, told apart by `key`. */
export const keyed = <State, Input extends Keyed, Output>(
  model: Model<State, Input, Output>,
): Model<State, Input, Output> => ({ ...model, partition: ({ key = '' }) => key });

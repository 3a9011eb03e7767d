import type { Execution, Operation } from '../history/execution.ts';
import { checkLinearizability, type Violation } from '../history/linearizability.ts';
import type { Completion, Model, ModelOperation } from '../history/model.ts';
import { notation, objection } from '../history/notation.ts';
import type { CollisionClass, Oracle } from './finding.ts';

/** An operation of a session in the words of a model. */
export interface Modelled<Input, Output> {
  readonly input: Input;
  /** What it answered. Left out: what the session says, as it is. */
  readonly output?: Output;
  /** What a refusal answers, where the model knows of refusals. Left out: what was refused did not happen. */
  readonly refusal?: Output;
}

/** The search for an order gave up, so nothing is known of the execution: neither that it is right nor that it is wrong. */
export class Undecided extends Error {
  override readonly name = 'Undecided';
}

/** A search is given up after this many steps, some 30 ms: oracles judge many executions. */
const STEPS_MAX = 20_000;

/**
 * What the sessions were told must be what a model tells them, one at a time, in an order that respects time (Herlihy & Wing,
 * 1990). What ended in doubt may have happened.
 *
 * Unlike other oracles it takes exponential time at worst, and then throws {@link Undecided}: silence would be read as SAFE.
 *
 * @param modelled undefined for an operation that the model knows nothing of.
 */
export const linearizable =
  <State, Input, Output>(
    model: Model<State, Input, Output>,
    modelled: (operation: Operation, execution: Execution) => Modelled<Input, Output> | undefined,
    kind: CollisionClass = 'NOT_SERIALIZABLE',
  ): Oracle =>
  (execution) => {
    const history = execution.operations.flatMap((operation) => {
      const words = modelled(operation, execution);
      return words === undefined ? [] : [inTheWordsOf(words, operation)];
    });
    const verdict = checkLinearizability(model, history, { stepsMax: STEPS_MAX });
    switch (verdict.kind) {
      case 'linearizable':
        return [];
      case 'violation':
        return [{ class: kind, count: unexplained(verdict), message: message(verdict) }];
      case 'unknown': {
        const { target, strategy, round } = execution;
        throw new Undecided(`${target}/${strategy}, round ${round}: ${verdict.reason}; use fewer --writers`);
      }
    }
  };

function inTheWordsOf<Input, Output>(
  words: Modelled<Input, Output>,
  operation: Operation,
): ModelOperation<Input, Output> {
  const { id, session, invokedUs } = operation;
  return { id, process: session, input: words.input, invoked: invokedUs, completion: completionOf(words, operation) };
}

function completionOf<Output>(words: Modelled<unknown, Output>, operation: Operation): Completion<Output> {
  const { outcome, respondedUs: returned } = operation;
  switch (outcome) {
    case 'ok':
      return { type: 'ok', output: 'output' in words ? words.output : (operation.output as Output), returned };
    case 'refused':
      return 'refusal' in words ? { type: 'ok', output: words.refusal, returned } : { type: 'fail' };
    case 'unknown':
      return { type: 'info' };
  }
}

/** Answers that even the best order does not explain. */
const unexplained = ({ history, longest }: Violation<unknown, unknown>): number =>
  [history, longest]
    .map((operations) => operations.filter(({ completion }) => completion.type === 'ok').length)
    .reduce((all, explained) => all - explained);

function message({ longest, blocked }: Violation<unknown, unknown>): string {
  const last = longest.at(-1);
  const after = last === undefined ? '' : `after ${last.id} ${notation(last)}, `;
  const [first] = blocked;
  const objections = first === undefined ? '' : `${first.operation.id} ${objection(first)}`;
  const others = blocked.length > 1 ? `; ${blocked.length - 1} more can't come next either` : '';
  return `no order explains: ${after}${objections}${others}`;
}

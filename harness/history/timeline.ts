import type { Answered, History, ModelOperation } from './model.ts';

/**
 * The calls and returns of a history in order of time, as a doubly linked ring. A search takes operations out and puts them
 * back, last out first in; the calls that are left before the first return are those that may come next (Wing & Gong, 1993).
 */
export interface Timeline<Input, Output> {
  /** Neither call nor return: where the ring begins and ends. */
  readonly ring: Entry<Input, Output>;
  /** How many operations were answered: all of these must be taken out in the end, the others may be. */
  readonly answered: number;
}

interface Entry<Input, Output> {
  /** What is called here; undefined where something returns. */
  readonly call: Call<Input, Output> | undefined;
  previous: Entry<Input, Output>;
  next: Entry<Input, Output>;
}

export interface Call<Input, Output> {
  readonly operation: ModelOperation<Input, Output>;
  /** Undefined where nobody knows what the operation answered, or whether it happened. */
  readonly answer: Answered<Output> | undefined;
  /** The same for operations that ask the same. */
  readonly asks: string;
  /** Place in the order of returns. What never returns comes last, in order of invocation. */
  readonly place: number;
  /** Its call in the ring and, if it returns, its return. */
  readonly entries: Entry<Input, Output>[];
}

/**
 * @param history without operations that failed: they did not happen.
 * @throws {RangeError} for an operation that returns before it is invoked.
 */
export function timelineOf<Input, Output>(history: History<Input, Output>): Timeline<Input, Output> {
  const calls = history
    .toSorted((a, b) => a.invoked - b.invoked)
    .toSorted((a, b) => compare(returnOf(a), returnOf(b)))
    .map((operation, place) => ({
      operation,
      answer: answerOf(operation),
      asks: JSON.stringify(operation.input),
      place,
      entries: [],
    }));
  const moments = calls.flatMap((call) => {
    const invocation = { at: call.operation.invoked, call, returns: false };
    return call.answer === undefined ? [invocation] : [invocation, { at: call.answer.returned, call, returns: true }];
  });
  // Intervals are closed: of what happens at one instant calls come first, so that operations which touch are concurrent.
  moments.sort((a, b) => a.at - b.at || Number(a.returns) - Number(b.returns));
  const ring = emptyRing<Input, Output>();
  for (const { call, returns } of moments) append(ring, call, returns);
  return { ring, answered: calls.filter(({ answer }) => answer !== undefined).length };
}

/** The operations that may come next as far as time goes, in order of invocation. May be suspended while others are out. */
export function* callable<Input, Output>({ ring }: Timeline<Input, Output>): Generator<Call<Input, Output>> {
  for (let entry = ring.next; entry.call !== undefined; entry = entry.next) yield entry.call;
}

export function takeOut<Input, Output>({ entries }: Call<Input, Output>): void {
  for (const { previous, next } of entries) {
    previous.next = next;
    next.previous = previous;
  }
}

/** Undoes the last `takeOut` that has not been undone. */
export function putBack<Input, Output>({ entries }: Call<Input, Output>): void {
  for (const entry of entries) {
    entry.previous.next = entry;
    entry.next.previous = entry;
  }
}

function answerOf<Input, Output>({ id, invoked, completion }: ModelOperation<Input, Output>) {
  if (completion.type !== 'ok') return undefined;
  if (completion.returned >= invoked) return completion;
  throw new RangeError(`${id} returns at ${completion.returned}, before it is invoked at ${invoked}`);
}

const returnOf = ({ completion }: ModelOperation<unknown, unknown>): number =>
  completion.type === 'ok' ? completion.returned : Number.POSITIVE_INFINITY;

/** For numbers that may be infinite, where a difference would not be a number. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

function emptyRing<Input, Output>(): Entry<Input, Output> {
  const ring = { call: undefined } as Entry<Input, Output>;
  ring.previous = ring;
  ring.next = ring;
  return ring;
}

function append<Input, Output>(ring: Entry<Input, Output>, call: Call<Input, Output>, returns: boolean): void {
  const entry = { call: returns ? undefined : call, previous: ring.previous, next: ring };
  ring.previous.next = entry;
  ring.previous = entry;
  call.entries.push(entry);
}

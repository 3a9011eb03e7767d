/** How the operations of each model are written in files: Jepsen's `f` and `value`, and what they mean to the model. */

import type { Json, Model, ProcessId } from './model.ts';
import type { ModelName, models } from './models/index.ts';
import { inOrder } from './models/set.ts';

/** What a value must look like, and what becomes of it. */
interface Shape<Meaning> {
  /** For people: completes "expected …". */
  readonly expected: string;
  /** Undefined where the value does not look like that. */
  readonly meaning: (value: Json, process: ProcessId) => Meaning | undefined;
}

/** One `f`. */
export interface Word<Arguments, Output> {
  /** The value of the invocation, as what the input holds besides `f` and `key`. */
  readonly takes: Shape<Arguments>;
  /** The value of the answer, as output. */
  readonly answers: Shape<Output>;
}

type Arguments<Input, F> = Input extends { readonly f: infer G }
  ? F extends G
    ? Omit<Input, 'f' | 'key'>
    : never
  : never;

type Words<AnyModel> =
  AnyModel extends Model<infer _, infer Input extends { readonly f: string }, infer Output>
    ? { readonly [F in Input['f']]: Word<Arguments<Input, F>, Output> }
    : never;

const nothing: Shape<object> = {
  expected: 'no value (one of several things is named by "key")',
  meaning: (value) => (value === null ? {} : undefined),
};
const something: Shape<{ readonly value: Json }> = { expected: 'a value', meaning: (value) => ({ value }) };
const amount: Shape<{ readonly value: number }> = {
  expected: 'a number as value',
  meaning: (value) => (typeof value === 'number' ? { value } : undefined),
};
const pair: Shape<{ readonly value: readonly [Json, Json] }> = {
  expected: 'the value [old, new]',
  meaning: (value) => (isList(value) && value.length === 2 ? { value: [value[0]!, value[1]!] } : undefined),
};
/** Who holds a lock is whoever asks for it, unless the value says otherwise. */
const owner: Shape<{ readonly owner: ProcessId }> = {
  expected: 'a number or a string, or nothing, as value: the owner, if it is not the process',
  meaning: (value, process) => {
    if (value === null) return { owner: process };
    return typeof value === 'number' || typeof value === 'string' ? { owner: value } : undefined;
  },
};

const whatever: Shape<Json> = { expected: 'a value', meaning: (value) => value };
const number: Shape<number> = {
  expected: 'a number as answer',
  meaning: (value) => (typeof value === 'number' ? value : undefined),
};
const list: Shape<readonly Json[]> = {
  expected: 'a list as answer',
  meaning: (value) => (isList(value) ? value : undefined),
};
const elements: Shape<readonly Json[]> = {
  expected: 'a list as answer',
  meaning: (value) => (isList(value) ? inOrder(value) : undefined),
};
/** Jepsen's clients answer with what they were asked: it says no more than that it worked. */
const echo: Shape<null> = { expected: 'any answer', meaning: () => null };
/** That includes being granted something. A refusal is a `fail`, or the answer false, of which the model can make more. */
const granted: Shape<boolean> = { expected: 'any answer', meaning: (value) => value !== false };

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Every operation of every model. */
export const vocabulary: { readonly [Name in ModelName]: Words<(typeof models)[Name]> } = {
  register: {
    read: { takes: nothing, answers: whatever },
    write: { takes: something, answers: echo },
    cas: { takes: pair, answers: granted },
  },
  counter: {
    read: { takes: nothing, answers: number },
    add: { takes: amount, answers: echo },
  },
  log: {
    read: { takes: nothing, answers: list },
    append: { takes: something, answers: echo },
  },
  set: {
    read: { takes: nothing, answers: elements },
    add: { takes: something, answers: echo },
    remove: { takes: something, answers: echo },
  },
  token: {
    take: { takes: nothing, answers: granted },
  },
  lock: {
    acquire: { takes: owner, answers: granted },
    release: { takes: owner, answers: granted },
    expire: { takes: owner, answers: echo },
  },
  queue: {
    enqueue: { takes: something, answers: echo },
    dequeue: { takes: nothing, answers: whatever },
  },
};

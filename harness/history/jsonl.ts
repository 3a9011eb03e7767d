/**
 * Histories as JSON lines, so that those of other people's tools can be checked. Two kinds, told apart by the first line:
 *
 * Jepsen's events, in the order in which they happened. `time` counts if all events have it, `index` never does:
 *
 *     {"process": 0, "type": "invoke", "f": "write", "value": 1}
 *     {"process": 0, "type": "ok",     "f": "write", "value": 1}
 *
 * Porcupine's operations, in any order, with an input in Jepsen's words:
 *
 *     {"ClientId": 0, "Input": {"f": "write", "value": 1}, "Call": 10, "Output": null, "Return": 20}
 *
 * Where there are several registers, queues and so on, `"key"` beside `"f"` says which is meant.
 */

import type { History, Json, ModelOperation, ProcessId } from './model.ts';
import type { ModelName } from './models/index.ts';
import { vocabulary, type Word } from './vocabulary.ts';

type Fields = Readonly<Record<string, Json>>;
type Words = Readonly<Record<string, Word<object, unknown>>>;
type AnyOperation = ModelOperation<Input, unknown>;

/** Whatever the words of a model make of it. */
interface Input {
  readonly f: string;
}

/** A line that is not blank, numbered from 1. */
interface Line {
  readonly number: number;
  readonly text: string;
  readonly fields: Fields;
}

/** One line for people: the number of the line, what was expected there, and what there is. */
export class UnreadableHistory extends Error {
  override readonly name = 'UnreadableHistory';
}

/**
 * Reads a history in the words of a model. What was never answered is in doubt.
 *
 * @throws {UnreadableHistory} for the first line that can't be understood.
 */
export function readHistory(text: string, model: ModelName): History<unknown, unknown> {
  const lines = text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [parsed(line.trim(), at + 1)]));
  const [first] = lines;
  if (first === undefined) return [];
  const words: Words = vocabulary[model];
  if ('type' in first.fields) return fromEvents(lines, words);
  if ('call' in lowered(first.fields)) return lines.map((line) => fromOperation(line, words));
  throw unreadable(first, 'an event with "type", or an operation with "Call"');
}

function fromEvents(lines: readonly Line[], words: Words): readonly AnyOperation[] {
  const timed = lines.every(({ fields }) => typeof fields.time === 'number');
  const operations: AnyOperation[] = [];
  /** Where in `operations` that of a process is which has not ended. */
  const open = new Map<ProcessId, number>();
  let now = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const { time, process, type, f, value = null } = line.fields;
    const instant = timed ? (time as number) : line.number;
    if (instant < now) throw unreadable(line, `a "time" from ${now} on, because events come in order`);
    now = instant;
    if (process === NEMESIS) continue;
    if (!isName(process)) throw unreadable(line, 'a number or a string as "process"');
    const at = open.get(process);
    if (type === 'invoke') {
      if (at !== undefined)
        throw unreadable(line, `the end of ${operations[at]!.id} before process ${process} goes on`);
      open.set(process, operations.length);
      const input = inputOf(line, line.fields, process, words);
      operations.push({ id: `line ${line.number}`, process, input, invoked: instant, completion: { type: 'info' } });
      continue;
    }
    if (type !== 'ok' && type !== 'fail' && type !== 'info') throw unreadable(line, '"type" invoke, ok, fail or info');
    if (at === undefined) throw unreadable(line, `an invoke of process ${process} before its ${type}`);
    const operation = operations[at]!;
    if (f !== undefined && f !== operation.input.f)
      throw unreadable(line, `"f" ${operation.input.f}, as in ${operation.id}`);
    open.delete(process);
    if (type === 'fail') operations[at] = { ...operation, completion: { type } };
    if (type === 'ok') {
      const output = outputOf(line, operation, value, words);
      operations[at] = { ...operation, completion: { type, output, returned: instant } };
    }
  }
  return operations;
}

/** What Jepsen calls whoever injects faults. That is no operation. */
const NEMESIS = 'nemesis';

/** Times beyond 2 ** 53, as of clocks in nanoseconds, are rounded: then operations may seem to touch, but never to swap. */
function fromOperation(line: Line, words: Words): AnyOperation {
  const { clientid: process = 0, input, call, output = null, return: returned = null } = lowered(line.fields);
  if (!isName(process)) throw unreadable(line, 'a number or a string as "ClientId"');
  if (!isFields(input)) throw unreadable(line, 'an "Input" such as {"f": "read"}');
  if (typeof call !== 'number') throw unreadable(line, 'a number as "Call"');
  const operation: AnyOperation = {
    id: `line ${line.number}`,
    process,
    input: inputOf(line, lowered(input), process, words),
    invoked: call,
    completion: { type: 'info' },
  };
  if (returned === null) return operation;
  if (typeof returned !== 'number' || returned < call) throw unreadable(line, `a number from ${call} on as "Return"`);
  return { ...operation, completion: { type: 'ok', output: outputOf(line, operation, output, words), returned } };
}

function inputOf(line: Line, { f, value = null, key = null }: Fields, process: ProcessId, words: Words): Input {
  const known = typeof f === 'string' && Object.hasOwn(words, f);
  if (!known) throw unreadable(line, `"f" ${Object.keys(words).join(' or ')}`);
  const { takes } = words[f]!;
  const meaning = takes.meaning(value, process);
  if (meaning === undefined) throw unreadable(line, `${takes.expected} for ${f}`);
  if (key !== null && !isName(key)) throw unreadable(line, 'a number or a string as "key"');
  return { f, ...meaning, ...(key === null ? {} : { key: String(key) }) };
}

function outputOf(line: Line, { input, process }: AnyOperation, value: Json, words: Words): unknown {
  const { answers } = words[input.f]!;
  const output = answers.meaning(value, process);
  if (output === undefined) throw unreadable(line, `${answers.expected} of ${input.f}`);
  return output;
}

function parsed(text: string, number: number): Line {
  let fields: Json | undefined;
  try {
    fields = JSON.parse(text) as Json;
  } catch {
    // Said below, with the line.
  }
  if (isFields(fields)) return { number, text, fields };
  throw unreadable({ number, text }, 'a JSON object');
}

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = (value: Json | undefined): value is ProcessId => typeof value === 'number' || typeof value === 'string';

/** Go writes `ClientId`, others `clientId` or `clientid`. */
const lowered = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));

const unreadable = ({ number, text }: Omit<Line, 'fields'>, expected: string): UnreadableHistory =>
  new UnreadableHistory(
    `line ${number}: expected ${expected}, found ${text.length > 100 ? `${text.slice(0, 100)}…` : text}`,
  );

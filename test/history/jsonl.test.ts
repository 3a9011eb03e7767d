import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHistory } from '../../harness/history/jsonl.ts';
import { checkLinearizability } from '../../harness/history/linearizability.ts';
import type { Model } from '../../harness/history/model.ts';
import { type ModelName, models } from '../../harness/history/models/index.ts';

const lines = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** What a model is asked and what it answered, where both came in these values. */
const meaningOf = (model: ModelName, f: string, value: unknown, answer: unknown) => {
  const [operation] = readHistory(
    lines({ process: 7, type: 'invoke', f, value }, { process: 7, type: 'ok', f, value: answer }),
    model,
  );
  const { input, completion } = operation!;
  return [input, completion.type === 'ok' ? completion.output : completion.type];
};

describe('the histories of the tree are what their folder says', () => {
  const root = join(import.meta.dirname, 'histories');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.jsonl'));

  test.each(files)('%s', (path) => {
    const [verdict, name] = path.split('/') as [string, ModelName];
    const history = readHistory(readFileSync(join(root, path), 'utf8'), name);
    expect(checkLinearizability(models[name] as Model<unknown, unknown, unknown>, history).kind).toBe(verdict);
  });

  test.each(Object.keys(models))('there are some of each kind for %s', (name) => {
    const verdicts = files.filter((path) => path.split('/')[1] === name).map((path) => path.split('/')[0]);
    expect(new Set(verdicts)).toEqual(new Set(['linearizable', 'violation']));
  });
});

describe("Jepsen's events", () => {
  test('become operations in order of invocation, numbered by their lines', () => {
    const text = lines(
      { process: 0, type: 'invoke', f: 'write', value: 1, index: 0 },
      { process: 'b', type: 'invoke', f: 'read', value: null, index: 1 },
      { process: 'b', type: 'ok', f: 'read', value: 1, index: 2 },
      { process: 1, type: 'invoke', f: 'cas', value: [1, 2], index: 3 },
      { process: 1, type: 'fail', f: 'cas', value: [1, 2], error: 'nope', index: 4 },
      { process: 0, type: 'info', f: 'write', value: 1, index: 5 },
    );
    expect(readHistory(text, 'register')).toEqual([
      { id: 'line 1', process: 0, input: { f: 'write', value: 1 }, invoked: 1, completion: { type: 'info' } },
      {
        id: 'line 2',
        process: 'b',
        input: { f: 'read' },
        invoked: 2,
        completion: { type: 'ok', output: 1, returned: 3 },
      },
      { id: 'line 4', process: 1, input: { f: 'cas', value: [1, 2] }, invoked: 4, completion: { type: 'fail' } },
    ]);
  });

  test('have the times that they say, if all do', () => {
    const timed = [
      { process: 0, type: 'invoke', f: 'read', time: 1000 },
      { process: 0, type: 'ok', f: 'read', value: null, time: 2000 },
    ];
    expect(readHistory(lines(...timed), 'register')).toMatchObject([{ invoked: 1000, completion: { returned: 2000 } }]);
    const [first, { time: _, ...second }] = timed as [object, { time: number }];
    expect(readHistory(lines(first, second), 'register')).toMatchObject([{ invoked: 1, completion: { returned: 2 } }]);
  });

  test('without an end are in doubt', () => {
    expect(readHistory(lines({ process: 0, type: 'invoke', f: 'write', value: 1 }), 'register')).toMatchObject([
      { completion: { type: 'info' } },
    ]);
  });

  test('of a process that goes on after an operation in doubt are taken as they are', () => {
    const text = lines(
      { process: 0, type: 'invoke', f: 'write', value: 1 },
      { process: 0, type: 'info', f: 'write' },
      { process: 0, type: 'invoke', f: 'read' },
      { process: 0, type: 'ok', value: 1 },
    );
    expect(readHistory(text, 'register').map(({ completion }) => completion.type)).toEqual(['info', 'ok']);
  });

  test('of the nemesis are left out', () => {
    const text = lines(
      { process: 'nemesis', type: 'info', f: 'partition' },
      { process: 'nemesis', type: 'info', f: 'heal' },
      { process: 0, type: 'invoke', f: 'read' },
    );
    expect(readHistory(text, 'register').map(({ id }) => id)).toEqual(['line 3']);
  });

  test('may have blank lines between them, and lines that end as on Windows', () => {
    expect(readHistory('\r\n\n{"process":0,"type":"invoke","f":"read"}\r\n', 'register')).toMatchObject([
      { id: 'line 3' },
    ]);
    expect(readHistory('', 'register')).toEqual([]);
  });
});

describe("Porcupine's operations", () => {
  test('have their times and answers in one line', () => {
    const text = lines(
      { ClientId: 3, Input: { f: 'write', key: 7, value: 1 }, Call: 5, Output: null, Return: 9 },
      { clientId: 4, input: { F: 'read' }, call: 1, output: 1, return: 2 },
    );
    expect(readHistory(text, 'register')).toEqual([
      {
        id: 'line 1',
        process: 3,
        input: { f: 'write', key: '7', value: 1 },
        invoked: 5,
        completion: { type: 'ok', output: null, returned: 9 },
      },
      {
        id: 'line 2',
        process: 4,
        input: { f: 'read' },
        invoked: 1,
        completion: { type: 'ok', output: 1, returned: 2 },
      },
    ]);
  });

  test('without a return are in doubt, and without a client are of client 0', () => {
    const text = lines({ Input: { f: 'acquire' }, Call: 5 });
    expect(readHistory(text, 'lock')).toMatchObject([{ input: { owner: 0 }, completion: { type: 'info' } }]);
  });
});

test.each([
  ['register', 'read', null, 5, [{ f: 'read' }, 5]],
  ['register', 'read', undefined, undefined, [{ f: 'read' }, null]],
  ['register', 'write', 1, 1, [{ f: 'write', value: 1 }, null]],
  ['register', 'cas', [1, 2], [1, 2], [{ f: 'cas', value: [1, 2] }, true]],
  ['register', 'cas', [1, 2], false, [{ f: 'cas', value: [1, 2] }, false]],
  ['counter', 'add', -3, -3, [{ f: 'add', value: -3 }, null]],
  ['counter', 'read', null, 4, [{ f: 'read' }, 4]],
  ['log', 'append', 'x', 'x', [{ f: 'append', value: 'x' }, null]],
  ['log', 'read', null, ['y', 'x'], [{ f: 'read' }, ['y', 'x']]],
  ['set', 'add', 1, 1, [{ f: 'add', value: 1 }, null]],
  ['set', 'remove', 1, 1, [{ f: 'remove', value: 1 }, null]],
  ['set', 'read', null, [2, 1], [{ f: 'read' }, [1, 2]]],
  ['token', 'take', null, null, [{ f: 'take' }, true]],
  ['token', 'take', null, false, [{ f: 'take' }, false]],
  ['lock', 'acquire', null, null, [{ f: 'acquire', owner: 7 }, true]],
  ['lock', 'acquire', 'me', false, [{ f: 'acquire', owner: 'me' }, false]],
  ['lock', 'release', null, true, [{ f: 'release', owner: 7 }, true]],
  ['lock', 'expire', 3, null, [{ f: 'expire', owner: 3 }, null]],
  ['queue', 'enqueue', 1, 1, [{ f: 'enqueue', value: 1 }, null]],
  ['queue', 'dequeue', null, 1, [{ f: 'dequeue' }, 1]],
  ['queue', 'dequeue', null, null, [{ f: 'dequeue' }, null]],
] as const)('of a %s, %s %j → %j means what it should', (model, f, value, answer, meaning) => {
  expect(meaningOf(model, f, value, answer)).toEqual(meaning);
});

describe('what can not be understood is refused in one line: where, what was expected, and what there is', () => {
  const invoke = { process: 0, type: 'invoke', f: 'read' };

  test.each([
    ['register', 'no JSON', 'line 1: expected a JSON object, found no JSON'],
    ['register', '[1]', 'line 1: expected a JSON object, found [1]'],
    ['register', 'null', 'line 1: expected a JSON object, found null'],
    ['register', '{}', 'line 1: expected an event with "type", or an operation with "Call", found {}'],
    ['register', `{"type":"${'x'.repeat(200)}"}`, `found {"type":"${'x'.repeat(91)}…`],
  ] as const)('%s: %s', (model, text, message) => {
    expect(() => readHistory(text, model)).toThrow(message);
  });

  test.each([
    ['register', [invoke, invoke], 'line 2: expected the end of line 1 before process 0 goes on'],
    ['register', [{ ...invoke, type: 'ok' }], 'line 1: expected an invoke of process 0 before its ok'],
    ['register', [{ ...invoke, type: 'info' }], 'line 1: expected an invoke of process 0 before its info'],
    ['register', [invoke, { ...invoke, type: 'fail' }, { ...invoke, type: 'ok' }], 'line 3: expected an invoke'],
    ['register', [{ ...invoke, type: 'done' }], 'line 1: expected "type" invoke, ok, fail or info'],
    ['register', [{ type: 'invoke', f: 'read' }], 'line 1: expected a number or a string as "process"'],
    ['register', [invoke, { process: 0, type: 'ok', f: 'write' }], 'line 2: expected "f" read, as in line 1'],
    ['register', [{ ...invoke, f: 'add' }], 'line 1: expected "f" read or write or cas, found'],
    ['register', [{ ...invoke, f: 'toString' }], 'line 1: expected "f" read or write or cas, found'],
    ['register', [{ ...invoke, value: 1 }], 'line 1: expected no value (one of several things is named by "key") for'],
    ['register', [{ ...invoke, f: 'cas', value: [1] }], 'line 1: expected the value [old, new] for cas'],
    ['register', [{ ...invoke, f: 'cas', value: 1 }], 'line 1: expected the value [old, new] for cas'],
    ['register', [{ ...invoke, key: [1] }], 'line 1: expected a number or a string as "key"'],
    ['counter', [{ ...invoke, f: 'add', value: '1' }], 'line 1: expected a number as value for add'],
    ['counter', [invoke, { ...invoke, type: 'ok' }], 'line 2: expected a number as answer of read'],
    ['log', [invoke, { ...invoke, type: 'ok', value: 1 }], 'line 2: expected a list as answer of read'],
    ['set', [invoke, { ...invoke, type: 'ok', value: {} }], 'line 2: expected a list as answer of read'],
    ['lock', [{ ...invoke, f: 'acquire', value: [1] }], 'the owner, if it is not the process for acquire'],
    [
      'register',
      [
        { ...invoke, time: 5 },
        { ...invoke, type: 'ok', time: 4 },
      ],
      'line 2: expected a "time" from 5 on, because events come in order',
    ],
    ['register', [{ Call: 1 }], 'line 1: expected an "Input" such as {"f": "read"}'],
    ['register', [{ Call: '1', Input: invoke }], 'line 1: expected a number as "Call"'],
    ['register', [{ Call: 2, Return: 1, Input: invoke }], 'line 1: expected a number from 2 on as "Return"'],
    ['register', [{ Call: 2, Return: '3', Input: invoke }], 'line 1: expected a number from 2 on as "Return"'],
    ['register', [{ Call: 2, ClientId: {}, Input: invoke }], 'line 1: expected a number or a string as "ClientId"'],
    ['register', [{ Call: 1, Input: invoke }, invoke], 'line 2: expected an "Input"'],
  ] as const)('%s: %j', (model, values, message) => {
    expect(() => readHistory(lines(...values), model)).toThrow(message);
  });

  test('and nothing else is ever thrown', () => {
    const value = fc.oneof(fc.constantFrom(null, 0, 1, 'a', true, [0, 1], {}), fc.jsonValue());
    const f = fc.constantFrom('read', 'write', 'cas', 'add', '__proto__');
    const field = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined, freq: 9 });
    const event = fc.record({
      process: field(fc.nat(1)),
      type: field(fc.constantFrom('invoke', 'invoke', 'ok', 'ok', 'fail', 'info', 'nope')),
      f: field(f),
      value: field(value),
      time: field(fc.nat(3)),
    });
    const operation = fc.record({
      Input: field(fc.record({ f: field(f), value: field(value) })),
      Call: field(fc.nat(3)),
      Output: field(value),
      Return: field(fc.nat(6)),
    });
    const anyLines = fc.oneof(fc.array(event), fc.array(operation), fc.array(fc.oneof(event, operation, value)));
    fc.assert(
      fc.property(anyLines, fc.constantFrom<ModelName>('register', 'counter'), (values, model) => {
        try {
          const history = readHistory(lines(...values), model);
          expect(checkLinearizability(models[model] as Model<unknown, unknown, unknown>, history).kind).toBeDefined();
        } catch (error) {
          expect(error).toMatchObject({ name: 'UnreadableHistory', message: expect.stringMatching(/^line \d+: .+/) });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { check } from '../../harness/cli/check.ts';

let dir: string;
let printed: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

function file(...events: readonly object[]): string {
  const path = join(dir, 'history.jsonl');
  writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return path;
}

const add = (process: number, type: string) => ({ process, type, f: 'add', value: 1 });
const read = (process: number, value: number) => [
  { process, type: 'invoke', f: 'read' },
  { process, type: 'ok', f: 'read', value },
];

test('a history that an order explains is a pass', () => {
  const path = file(add(0, 'invoke'), add(1, 'invoke'), add(1, 'fail'), add(0, 'ok'), ...read(0, 1));
  expect(check({ model: 'counter' }, path)).toBe(0);
  expect(printed).toBe('LINEARIZABLE\n3 operations of a counter: 2 answered, 1 failed, 0 in doubt\n');
});

test('one that no order explains is not, with the longest order that there is and what cannot come next', () => {
  const path = file(add(0, 'invoke'), add(1, 'invoke'), add(1, 'ok'), add(0, 'ok'), ...read(0, 1));
  expect(check({ model: 'counter' }, path)).toBe(1);
  expect(printed).toBe(`NOT LINEARIZABLE
3 operations of a counter: 3 answered, 0 failed, 0 in doubt

No order explains the answers. The longest that explains as many as it can:
  line 1, process 0:      add 1
  line 2, process 1:      add 1
One of these would have to come next, and none can:
  line 5, process 0:      read answered 1 where the model allows 2
`);
});

test('of a long order the end is shown', () => {
  const adds = Array.from({ length: 25 }, () => [add(0, 'invoke'), add(0, 'ok')]).flat();
  check({ model: 'counter' }, file(...adds, ...read(0, 1)));
  expect(printed).toContain('  … 5 operations before these\n  line 11, process 0:     add 1\n');
});

test('where nothing was answered nothing was shown, and that is not a pass', () => {
  expect(check({ model: 'counter' }, file(add(0, 'invoke')))).toBe(1);
  expect(printed).toMatch(/^INCONCLUSIVE: no operation was answered, so there is nothing to explain\n1 operations/);
});

test('--json prints the verdict and nothing else', () => {
  check({ model: 'counter', json: true }, file(...read(0, 1)));
  expect(JSON.parse(printed)).toMatchObject({
    model: 'counter',
    operations: { ok: 1, fail: 0, info: 0 },
    kind: 'violation',
    longest: [],
    blocked: [{ operation: { id: 'line 1' }, allowed: [0] }],
  });
});

test.each([
  ['registers', [], '--model registers: expected one of register, counter, log, set, token, lock, queue'],
  ['toString', [], '--model toString: expected one of'],
  ['register', [{}], 'history.jsonl is no history of a register: line 1: expected an event'],
])('a mistake of the caller is a usage error: --model %s, %j', (model, events, message) => {
  const path = file(...events);
  expect(() => check({ model }, path)).toThrow(
    expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) }),
  );
});

test('a file that is not there is a usage error', () => {
  expect(() => check({ model: 'register' }, join(dir, 'nothing.jsonl'))).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      message: expect.stringMatching(/nothing\.jsonl can't be read: ENOENT/),
    }),
  );
});

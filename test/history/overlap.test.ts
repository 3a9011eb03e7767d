import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Execution, type Operation, splitBySession } from '../../harness/history/execution.ts';
import { overlapped, watched } from '../../harness/history/overlap.ts';
import { concluding, execution, read, write } from '../support/execution.ts';

/** The definition, without any thought of speed: two writes of different sessions share a stretch of time. */
const overlappedByDefinition = ({ operations }: Execution): boolean => {
  const writes = operations.filter(({ kind }) => kind === 'write');
  return writes.some((a) =>
    writes.some(
      (b) => a.session !== b.session && Math.max(a.invokedUs, b.invokedUs) < Math.min(a.respondedUs, b.respondedUs),
    ),
  );
};

const anyKind = fc.constantFrom(...(['write', 'write', 'write', 'read', 'finally'] as const));

const anyOperations = fc
  .array(
    fc.record({
      session: fc.nat(2),
      kind: anyKind,
      invokedUs: fc.nat(100),
      lengthUs: fc.integer({ min: 1, max: 30 }),
    }),
    { maxLength: 7 },
  )
  .map((all) =>
    all.map(({ session, kind, invokedUs, lengthUs }, n) =>
      write(session, n, { kind, invokedUs, respondedUs: invokedUs + lengthUs }),
    ),
  );

test('overlapped says what the definition says, for any operations', () => {
  fc.assert(
    fc.property(anyOperations, (operations) => {
      const each = execution({ operations });
      expect(overlapped(each)).toBe(overlappedByDefinition(each));
    }),
    { numRuns: 2000 },
  );
});

test('one write that begins where another ends does not overlap it', () => {
  const first = write(0, 0, { invokedUs: 0, respondedUs: 10 });
  expect(overlapped(execution({ operations: [first, write(1, 0, { invokedUs: 10, respondedUs: 20 })] }))).toBe(false);
  expect(overlapped(execution({ operations: [first, write(1, 0, { invokedUs: 9, respondedUs: 20 })] }))).toBe(true);
});

test('a long write overlaps what comes many operations later', () => {
  const long = write(0, 0, { invokedUs: 0, respondedUs: 1000 });
  const late = write(1, 0, { invokedUs: 999, respondedUs: 1001 });
  expect(overlapped(execution({ operations: [long, late] }))).toBe(true);
});

test('readers and final operations overlap nothing: they change nothing', () => {
  const all = { invokedUs: 0, respondedUs: 1000 };
  expect(overlapped(execution({ operations: [write(0, 0, all), read(1, 0, all)], writers: 1 }))).toBe(false);
  expect(overlapped(execution({ operations: [write(0, 0, all), concluding(1, all)] }))).toBe(false);
});

test('operations of one session, or none at all, overlap nothing', () => {
  expect(overlapped(execution({ operations: [] }))).toBe(false);
  expect(overlapped(execution({ operations: [write(0, 0), write(0, 1), write(0, 2)] }))).toBe(false);
});

test('watched says whether a read and a write share a stretch of time, whoever else there is', () => {
  fc.assert(
    fc.property(anyOperations, (operations) => {
      const instants = ({ invokedUs, respondedUs }: Operation): readonly number[] =>
        Array.from({ length: respondedUs - invokedUs }, (_, at) => invokedUs + at);
      const during = (kind: Operation['kind']): ReadonlySet<number> =>
        new Set(operations.filter((each) => each.kind === kind).flatMap(instants));
      const both = [...during('read')].some((instant) => during('write').has(instant));
      expect(watched(execution({ operations }))).toBe(both);
    }),
  );
});

test('splitBySession gives every writer its operations and its files, without the name of its directory', () => {
  const operations = [write(0, 0), write(1, 0), read(2, 0), concluding(1)];
  const whole = execution({
    mode: 'per-session',
    writers: 2,
    operations,
    final: { 'session-0/log': 'a', 'session-1/log': 'b', 'session-1/session-0/log': 'c' },
  });
  const [first, second] = splitBySession(whole);
  expect(first).toEqual({
    ...whole,
    sessions: [whole.sessions[0], whole.sessions[2]],
    operations: [operations[0], operations[2]],
    final: { log: 'a' },
  });
  expect(second).toEqual({
    ...whole,
    sessions: [whole.sessions[1]],
    operations: [operations[1], operations[3]],
    final: { log: 'b', 'session-0/log': 'c' },
  });
});

test('splitBySession loses no operation, no session and no file, and doubles none', () => {
  const shapes = fc.record({
    writers: fc.integer({ min: 1, max: 12 }),
    readers: fc.nat(4),
    places: fc.array(fc.record({ session: fc.nat(), path: fc.constantFrom('a', 'b', 'deep/a') }), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(shapes, ({ writers, readers, places }) => {
      const operations = places.map(({ session }, n) => {
        const index = session % (writers + readers);
        return index < writers ? write(index, n) : read(index, n);
      });
      const files = places.map(({ session, path }, n) => [`session-${session % writers}/${path}`, `content ${n}`]);
      const whole = execution({ mode: 'per-session', writers, readers, operations, final: Object.fromEntries(files) });

      const parts = splitBySession(whole);

      expect(parts).toHaveLength(writers);
      expect(parts.flatMap((part) => part.operations).toSorted(byInvocation)).toEqual(whole.operations);
      expect(parts.flatMap((part) => part.sessions).toSorted((a, b) => a.index - b.index)).toEqual(whole.sessions);
      const back = parts.flatMap(({ final }, at) =>
        Object.entries(final).map(([path, content]) => [`session-${at}/${path}`, content]),
      );
      expect(Object.fromEntries(back)).toEqual(whole.final);
      for (const [at, part] of parts.entries()) {
        expect(part.sessions[0]).toMatchObject({ index: at, role: 'writer' });
        expect(part.operations.every(({ session }) => session % writers === at)).toBe(true);
      }
    }),
  );
});

const byInvocation = (a: Operation, b: Operation): number => a.invokedUs - b.invokedUs;

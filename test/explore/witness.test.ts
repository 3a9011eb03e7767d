import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatWitness, parseWitness, sessionsIn, type Witness } from '../../harness/explore/witness.ts';
import { parseSchedule, type Segment, type StepName } from '../../harness/schedule/schedule.ts';

const EXAMPLE = 'ingest-health/rmw:2:0@open.2:health.json,1,0';

test('a witness survives being written and read', () => {
  const until = fc.record<StepName>({
    call: fc.constantFrom('open', 'write', 'rename', 'trylock', 'exit'),
    operation: fc.nat(12),
    path: fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('%', '2', '/', ':', ',', '@') })),
    occurrence: fc.integer({ min: 1, max: 12 }),
  });
  const segment: fc.Arbitrary<Segment> = fc.record(
    { session: fc.nat(63), until, outwait: fc.constant(true as const) },
    { requiredKeys: ['session'] },
  );
  const witnesses = fc.record<Witness>({
    target: fc.stringMatching(/^[a-z\d]+(-[a-z\d]+)*$/),
    strategy: fc.stringMatching(/^[a-z\d]+(-[a-z\d]+)*$/),
    writers: fc.integer({ min: 1, max: 64 }),
    operations: fc.integer({ min: 1, max: 64 }),
    schedule: fc.array(segment, { minLength: 1 }),
  });
  fc.assert(
    fc.property(witnesses, (witness) => {
      const text = formatWitness(witness);
      expect(parseWitness(text)).toEqual(witness);
      expect(text).toMatch(/^[\w./%@:+,-]*$/);
    }),
    { numRuns: 1000 },
  );
});

test.each<[string, Omit<Witness, 'schedule'>, string]>([
  [
    'ingest-health/rmw:2:0@write:health.json,1,0',
    { target: 'ingest-health', strategy: 'rmw', writers: 2, operations: 1 },
    '0@write:health.json,1,0',
  ],
  ['a/b:3x4:2@outwait,0', { target: 'a', strategy: 'b', writers: 3, operations: 4 }, '2@outwait,0'],
  [
    'a/b:2x12:0@write.2+11:dir/file,1',
    { target: 'a', strategy: 'b', writers: 2, operations: 12 },
    '0@write.2+11:dir/file,1',
  ],
])('%s', (text, rest, schedule) => {
  const witness = { ...rest, schedule: parseSchedule(schedule) };
  expect(parseWitness(text)).toEqual(witness);
  expect(formatWitness(witness)).toBe(text);
});

test('a path may contain what separates the parts of a witness', () => {
  expect(parseWitness('a/b:2:0@write:x/y,1')).toMatchObject({ target: 'a', strategy: 'b', writers: 2 });
});

test.each([
  ['nothing', ''],
  ['a schedule alone', '0@write:x,1'],
  ['no target', '/rmw:2:0,1'],
  ['no strategy', 'ingest-health:2:0,1'],
  ['an empty strategy', 'ingest-health/:2:0,1'],
  ['no number of writers', 'ingest-health/rmw:0,1'],
  ['writers in words', 'ingest-health/rmw:two:0,1'],
  ['less than no writers', 'ingest-health/rmw:-2:0,1'],
  ['no number of operations', 'ingest-health/rmw:2x:0,1'],
  ['no schedule', 'ingest-health/rmw:2'],
])('%s is no witness, and an example says what is', (_, text) => {
  expect(() => parseWitness(text)).toThrow(
    expect.objectContaining({
      name: 'WitnessError',
      message: `'${text}' is no witness: expected target/strategy:writers:schedule, such as ${EXAMPLE}`,
    }),
  );
});

test('the example is a witness', () => {
  expect(formatWitness(parseWitness(EXAMPLE))).toBe(EXAMPLE);
});

test.each([
  ['0,x', 'Segment 2 of the schedule, "x", is not SESSION[@outwait]'],
  ['0@write:%FF', 'Segment 1 of the schedule, "0@write:%FF", has a path that is not percent-encoded UTF-8'],
  ['0,1\n', 'Segment 2 of the schedule, "1\n", is not SESSION[@outwait]'],
])('the schedule %j is refused, and an example says what is right', (schedule, why) => {
  const message = (part: string) => expect.objectContaining({ message: expect.stringContaining(part) });
  const parse = () => parseWitness(`a/b:2:${schedule}`);
  expect(parse).toThrow(expect.objectContaining({ name: 'WitnessError' }));
  expect(parse).toThrow(message(`the schedule '${schedule}' can't be read: ${why}`));
  expect(parse).toThrow(message('Right is, for example, "0@write:health.json,1,'));
});

test('a schedule that names nobody is refused', () => {
  expect(() => parseWitness('a/b:2:')).toThrow(
    expect.objectContaining({ name: 'WitnessError', message: expect.stringContaining('it names no session') }),
  );
});

test.each([
  ['', []],
  ['0', [0]],
  ['1,0,1,0', [0, 1]],
  ['10@write:x,2@outwait,9,2', [2, 9, 10]],
])('the sessions in "%s"', (schedule, sessions) => {
  expect(sessionsIn(parseSchedule(schedule))).toEqual(sessions);
});

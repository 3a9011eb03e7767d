import { expect, test } from 'vitest';
import { formatWitness, parseWitness, sessionsIn } from '../../harness/explore/witness.ts';

test.each(['ingest-health/rmw:2:0@open.2:health.json,1,0', 'a/b:4x3:2@write+1:log,0', 'a/b:2:0@write:a%3Ab,1@outwait'])(
  '%s is read and written as it is',
  (text) => {
    expect(formatWitness(parseWitness(text))).toBe(text);
  },
);

test('says who takes part, in how many operations', () => {
  const witness = parseWitness('a/b:4x3:2@write:log,0,2');
  expect(witness).toMatchObject({ target: 'a', strategy: 'b', writers: 4, operations: 3 });
  expect(sessionsIn(witness.schedule)).toEqual([0, 2]);
});

test.each([
  ['nonsense', "'nonsense' is no witness: expected target/strategy:writers:schedule, such as"],
  ['a/b:two:0', 'is no witness'],
  ['a/b:2:', "the schedule '' can't be read: it names no session"],
  ['a/b:2:0,?', 'is not SESSION'],
])('%s is no witness', (text, words) => {
  expect(() => parseWitness(text)).toThrow(words);
});

/** The published schema of a line, and what it refuses. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ledgerJsonl } from '../../harness/report/ledger-file.ts';
import { parseLedger } from '../../harness/report/ledger-read.ts';
import { entrySchema, headerSchema } from '../../harness/report/ledger-schema.ts';
import { schemaOf } from '../../harness/schema/schemas.ts';
import { faults, inTwoDirectories, ledgerAfter, runOn, verdicts } from '../support/ledger.ts';

const isLine = new Ajv2020({ strict: true, allowUnionTypes: false }).compile(schemaOf('ledger'));

/** Everything that a ledger may hold is in it. */
const without = verdicts.filter(({ target }) => target !== 'log');
const ledger = ledgerAfter([runOn(1), runOn(2, without)], { faults, others: [inTwoDirectories] });
const lines = ledgerJsonl(ledger)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as object);

test('every line of a ledger is as the schema says', () => {
  expect(lines).toHaveLength(4);
  expect(lines.map((line) => [isLine(line), isLine.errors])).toEqual(lines.map(() => [true, null]));
  expect(ledger.header.safety.map(({ topology }) => topology)).toEqual(['same-directory', 'two-directories']);
});

/** A place in a JSON value: the keys that lead there. */
type Place = readonly (string | number)[];

const placesIn = (value: unknown, at: Place = []): readonly Place[] => [
  ...(at.length === 0 ? [] : [at]),
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => placesIn(each, [...at, Array.isArray(value) ? Number(key) : key]))
    : []),
];

/** A copy with one thing done to what holds the place. */
function changedAt(
  line: object,
  place: Place,
  change: (holder: Record<string | number, unknown>, key: string | number) => void,
) {
  const copy = structuredClone(line);
  const holder = place
    .slice(0, -1)
    .reduce((value, key) => (value as Record<typeof key, unknown>)[key], copy as unknown);
  change(holder as Record<string | number, unknown>, place.at(-1)!);
  return copy;
}

/** Keys that need not be there. */
const optional = new Set([
  'startedAt',
  'replay',
  'reason',
  'fixVerdict',
  'fixStrength',
  'topology',
  'underFaults',
  'uncoordinated',
  'noGate',
  'of',
]);
/** Of these nothing is said but that they are texts: the reason for each strategy that is deferred. */
const free = (place: Place): boolean => place.includes('deferred');

const damaged = fc
  .constantFrom(...lines.flatMap((line) => placesIn(line).map((place) => ({ line, place }))))
  .filter(({ place }) => !free(place))
  .chain(({ line, place }) =>
    fc.constantFrom('missing', 'other', 'unknown').map((how) => {
      const last = place.at(-1)!;
      const isItem = typeof last === 'number';
      const mayMiss = optional.has(String(last)) || (last === 'verdict' && place.includes('causes'));
      if (how === 'missing' && !isItem && !mayMiss) return changedAt(line, place, (holder, key) => delete holder[key]);
      if (how === 'unknown' && !isItem) return changedAt(line, place, (holder) => (holder.unheardOf = 1));
      return changedAt(line, place, (holder, key) => (holder[key] = { no: 'such thing' }));
    }),
  );

describe('a damaged line is refused', () => {
  test('by the schema that is published, and by the reader', () => {
    fc.assert(
      fc.property(damaged, (line) => {
        expect(isLine(line)).toBe(false);
        expect([headerSchema, entrySchema].some((schema) => schema.safeParse(line).success)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('wherever it is cut off', () => {
    const text = JSON.stringify(lines[1]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: text.length - 1 }), (at) => {
        expect(() => parseLedger(`${JSON.stringify(lines[0])}\n${text.slice(0, at)}`, 'cut.jsonl')).toThrow(
          'cut.jsonl:2 is no line of a ledger',
        );
      }),
    );
  });
});

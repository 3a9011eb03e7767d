import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modeUnder, type Place, type Topology, type TouchedBy, topologies } from '../../harness/scenario/topology.ts';

const every = 'every session';
const hooks = 'sessions with hooks';

test.each<[Topology, Place, TouchedBy, string]>([
  ['same-directory', 'home', every, 'shared'],
  ['same-directory', 'home', hooks, 'shared'],
  ['same-directory', 'project', every, 'shared'],
  ['same-directory', 'project', hooks, 'shared'],
  ['two-directories', 'home', every, 'shared'],
  ['two-directories', 'home', hooks, 'shared'],
  ['two-directories', 'project', every, 'per-session'],
  ['two-directories', 'project', hooks, 'per-session'],
  ['with-vanilla', 'home', every, 'shared'],
  ['with-vanilla', 'home', hooks, 'alone'],
  ['with-vanilla', 'project', every, 'shared'],
  ['with-vanilla', 'project', hooks, 'alone'],
])('%s: what lies in the %s and is touched by %s is %s', (topology, place, touchedBy, mode) => {
  expect(modeUnder(topology, { place, touchedBy })).toBe(mode);
});

const resources = fc.record({
  place: fc.constantFrom<Place>('home', 'project'),
  touchedBy: fc.constantFrom<TouchedBy>(every, hooks),
});

test('no topology shares more than one directory for all', () => {
  fc.assert(
    fc.property(fc.constantFrom(...(Object.keys(topologies) as Topology[])), resources, (topology, resource) => {
      const shared = modeUnder(topology, resource) === 'shared';
      expect(!shared || modeUnder('same-directory', resource) === 'shared').toBe(true);
    }),
  );
});

test('what every session touches in the home directory is shared whatever one does', () => {
  const modes = (Object.keys(topologies) as Topology[]).map((each) =>
    modeUnder(each, { place: 'home', touchedBy: every }),
  );
  expect(new Set(modes)).toEqual(new Set(['shared']));
});

import { expect, test } from 'vitest';
import { safetiesOf } from '../../harness/report/ledger-safety.ts';
import type { Results } from '../../harness/report/results.ts';
import type { Topology } from '../../harness/scenario/topology.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { scenario } from '../support/scenario.ts';
import { colliding, results, verdict } from '../support/verdict.ts';

const project = scenario({ id: 'project', fix: 'flock', touchedBy: 'sessions with hooks' });
const home = scenario({ id: 'home', place: 'home', fix: 'flock' });
const collides = (details: Partial<Verdict>): Verdict => colliding({ TORN_STATE: 1 }, details);
const safe = (details: Partial<Verdict>): Verdict => verdict({ strategy: 'rewrite', ...details });

const run = (verdicts: readonly Verdict[], topology?: Topology, details: Partial<Results> = {}): Results =>
  results(verdicts, {
    options: {
      ...results([]).options,
      modes: [...new Set(verdicts.map(({ mode }) => mode))],
      ...(topology === undefined ? {} : { topology }),
    },
    ...details,
  });

const shared = run([collides({ target: 'project' }), verdict({ target: 'project' }), safe({ target: 'home' })]);

/** `two-directories 2: Safe → Safe`: how many targets, as found, and with the fixes. */
const tiersIn = (...runs: readonly Results[]): readonly string[] =>
  safetiesOf([project, home], runs).map(
    ({ topology, targets, asFound, withFixes }) => `${topology} ${targets}: ${asFound.tier} → ${withFixes.tier}`,
  );

test('a run in which all was shared tells of the same directory', () => {
  expect(tiersIn(shared)).toEqual(['same-directory 2: Dangerous → Risky']); // nothing is known of the fix of `home`
});

test('further results tell of further topologies, in the order of these', () => {
  const vanilla = run([safe({ target: 'project', mode: 'alone' }), collides({ target: 'home' })], 'with-vanilla');
  const two = run([safe({ target: 'project', mode: 'per-session' })], 'two-directories');
  expect(tiersIn(shared, vanilla, two)).toEqual([
    'same-directory 2: Dangerous → Risky',
    'two-directories 1: Safe → Risky',
    'with-vanilla 2: Dangerous → Risky',
  ]);
});

test('a run with a copy for each session as well tells of two directories; what is not shared there does not count', () => {
  const copies = [
    safe({ target: 'project', mode: 'per-session' }),
    verdict({ target: 'project', mode: 'per-session' }),
    collides({ target: 'home', mode: 'per-session' }),
    verdict({ target: 'home' }),
  ];
  expect(tiersIn(run([...shared.verdicts, ...copies]))).toEqual([
    'same-directory 2: Dangerous → Safe',
    'two-directories 2: Safe → Safe',
  ]);
});

test('where everybody has it the same, one run tells of all', () => {
  const all = safetiesOf([home], [run([safe({ target: 'home' }), verdict({ target: 'home' })])]);
  expect(all.map(({ topology, asFound }) => [topology, asFound])).toEqual(
    ['same-directory', 'two-directories', 'with-vanilla'].map((topology) => [topology, { tier: 'Safe', causes: [] }]),
  );
});

test('causes are named, with their verdicts where these stand nowhere else', () => {
  const two = run([collides({ target: 'project', mode: 'per-session' })], 'two-directories');
  const [one, other] = safetiesOf([project, home], [shared, two]);
  expect(one!.asFound.causes).toEqual([{ target: 'project', tier: 'Dangerous', why: 'collides' }]);
  expect(other!.asFound.causes).toEqual([
    { target: 'project', tier: 'Dangerous', why: 'collides', verdict: 'TORN_STATE' },
  ]);
});

test('a run that did not come to its end tells of nothing', () => {
  expect(tiersIn({ ...shared, interrupted: true })).toEqual([]);
  expect(tiersIn({ ...shared, broken: 'the disk is full' })).toEqual([]);
});

/** What session processes load for a probe: where the scripts are is named in the URL, as `?scripts=DIR`. */

import type { Scenario, Strategy } from '../scenario/scenario.ts';
import { type Contest, contests } from './contests.ts';
import { giveBack, lockKinds, openLock, take } from './locks.ts';
import { appendWriters } from './writers.ts';

export const CONTESTS = 'contests';
export const LOCKS = 'locks';
export const APPENDS = 'appends';

type Act = Pick<Strategy, 'perform' | 'open'>;

/** Nobody judges these by their truths, and nobody lists them. */
export const scenarioOf = (id: string, acts: Readonly<Record<string, Act>>): Scenario => ({
  id,
  priority: 'P2',
  source: 'a probe',
  resource: 'files of the probe',
  place: 'project',
  touchedBy: 'every session',
  writers: 'the probe',
  setup: () => {},
  oracles: [],
  strategies: Object.fromEntries(
    Object.entries(acts).map(([name, act]) => [
      name,
      { does: name, truth: 'SAFE', why: 'it is what is measured', ...act },
    ]),
  ),
});

export const contestScenario = (all: readonly Contest[]): Scenario =>
  scenarioOf(
    CONTESTS,
    Object.fromEntries(all.map(({ id, perform, open }) => [id, { perform, ...(open === undefined ? {} : { open }) }])),
  );

const scripts = new URL(import.meta.url).searchParams.get('scripts') ?? '';

export const catalogue: readonly Scenario[] = [
  contestScenario(contests),
  scenarioOf(LOCKS, {
    ...Object.fromEntries(lockKinds.map((kind) => [kind, { open: openLock, perform: take(kind) }])),
    'give back': { open: openLock, perform: giveBack },
  }),
  scenarioOf(APPENDS, Object.fromEntries(appendWriters(scripts).map(({ name, perform }) => [name, { perform }]))),
];

/** A case is a scenario: what `collide watch` writes down is loaded as a user would, explored, and shows its class. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCampaign } from '../../harness/campaign/campaign.ts';
import type { SessionTarget } from '../../harness/config/config.ts';
import { catalogueUrl, scenariosOf, valuesIn, type Written } from '../../harness/config/load.ts';
import { checked } from '../../harness/config/schema.ts';
import { startExplorers } from '../../harness/explore/explorers.ts';
import { writeCase } from '../../harness/life/case.ts';
import type { Sighting } from '../../harness/life/sighting.ts';
import { inMemory } from '../../harness/schedule/sandbox.ts';
import { onLinux } from '../support/explore-stage.ts';
import { type Happening, lifeOf, versions } from '../support/life.ts';

const renamed = (path: string, ...texts: readonly string[]): readonly Happening[] =>
  texts.map((text) => ({ rename: path, text }));

/** One life for every way in which a session is made of it. */
const lives: Readonly<Record<string, readonly Happening[]>> = {
  'torn state': versions('torn.json', '{"n":1}', '', '{"n":2}'),
  'pieces of records': versions('pieces.jsonl', '{"id":1}\n', '{"id":1}\n{"id":2}{"id":3}\n\n'),
  'the tail of a longer ledger': versions('tail.jsonl', '{"id":1}\n', '{"id":1}\n{"id":2}\nd":3}\n'),
  'zeros in a ledger': versions('zeros.jsonl', '{"id":1}\n', '{"id":1}\n\0\0{"id":2}\n'),
  'an update, in place': versions('members.json', '{"all":["a"]}', '{"all":["a","b"]}', '{"all":["a","c"]}'),
  'an update, by rename': renamed('moved.json', '{"all":["a"]}', '{"all":["a","b"]}', '{"all":["a","c"]}'),
  'a line': versions('lines.jsonl', '{"id":1}\n', '{"id":1}\n{"id":2}\n', '{"id":1}\n{"id":3}\n'),
  'a number': versions('number', '41', '42', '43', '42'),
  'a number in JSON': renamed('count.json', '{"a":{"total":5}}', '{"a":{"total":7}}', '{"a":{"total":6}}'),
};

const sightingOf = (happenings: readonly Happening[]): Sighting => {
  const found = lifeOf(happenings);
  expect(found).toHaveLength(1);
  return found[0]!;
};

const held: Sighting = lifeOf([
  { name: 'held.lock' },
  { locks: [{ path: 'held.lock', ageMs: 3_600_000, directory: false, held: false, pid: 4242, alive: false }] },
])[0]!;

const seenAt = (atMs: number): string => new Date(atMs).toISOString();

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** As it is loaded from its directory. */
async function targetOf(place: string): Promise<SessionTarget> {
  const file = join(place, 'collide.config.json');
  const [target] = checked(await valuesIn(file), file).targets as readonly [SessionTarget];
  expect(await scenariosOf({ file })).toHaveLength(1);
  const there = (one: { readonly module: string }) => ({ ...one, module: resolve(place, one.module) });
  const session = target.session as { readonly module: string } | readonly { readonly module: string }[];
  return {
    ...target,
    session: Array.isArray(session) ? session.map(there) : there(session as { readonly module: string }),
  };
}

describe.skipIf(!onLinux)('explored', () => {
  test('every case shows its class, and nothing that its target does not name', async () => {
    const sightings = Object.values(lives).map(sightingOf);
    const places = sightings.map((sighting) => writeCase(join(dir, 'cases'), sighting, 'd', seenAt));
    const written: Written = { targets: await Promise.all(places.map(targetOf)), dir, name: 'the cases' };
    const scenarios = await scenariosOf(written);
    const campaign = await runCampaign(
      {
        engine: 'explore',
        scenarios,
        catalogue: catalogueUrl(written),
        writers: 2,
        modes: ['shared'],
        seed: 1,
        budgetMs: 600_000,
      },
      new AbortController().signal,
      () => {},
    );
    const wrong = campaign.verdicts
      .filter(({ asExpected }) => !asExpected)
      .map(({ target, classes, reason }) => [target, classes, reason]);
    expect(wrong).toEqual([]);
    for (const [at, sighting] of sightings.entries()) {
      // A run of NULs has another class than the write that leaves it without a crash.
      const shown = sighting.class === 'CORRUPT_ON_CRASH' ? 'TORN_LINES' : sighting.class;
      expect([sighting.path, ...campaign.verdicts[at]!.classes]).toContain(shown);
    }
  });

  test('a lock that its holder did not give back is STUCK once the holder is killed', async () => {
    const place = writeCase(join(dir, 'locks'), held, 'd', seenAt);
    const written: Written = { targets: [await targetOf(place)], dir, name: 'the case' };
    const sandbox = mkdtempSync(join(inMemory() ?? tmpdir(), 'collide-test-'));
    const explorers = await startExplorers({ catalogue: catalogueUrl(written), sandbox, count: 1 });
    try {
      const task = { target: 'held-lock', strategy: 'session', seed: 1, budgetMs: 600_000, faults: 1, preemptions: 0 };
      const { searches } = await explorers.upset({ ...task, kinds: ['crash'] });
      expect(searches.flatMap(({ findings }) => findings.map((finding) => finding.class))).toEqual(['STUCK']);
    } finally {
      await explorers.close();
      rmSync(sandbox, { recursive: true });
    }
  });
});

test('a case says what was seen, and keeps the versions as they were', () => {
  const sighting = sightingOf(lives['an update, in place']!);
  const out = join(dir, 'told');
  const place = writeCase(out, sighting, 'd', seenAt);
  expect(place).toBe(join(out, '001-vanished-members.json'));
  expect(writeCase(out, sighting, 'd', seenAt)).toBe(join(out, '002-vanished-members.json'));
  expect(readdirSync(place).toSorted()).toEqual([
    '1-before.json',
    '2-between.json',
    '3-after.json',
    'case.json',
    'collide.config.json',
    'session.mjs',
  ]);
  expect(readFileSync(join(place, '2-between.json'), 'utf8')).toBe('{"all":["a","b"]}');
  expect(JSON.parse(readFileSync(join(place, 'case.json'), 'utf8'))).toMatchObject({
    format: 'collide-case-1',
    kind: 'vanished',
    class: 'LAST_WRITER_WINS',
    sureness: 'likely',
    path: 'members.json',
    writes: 'in place',
    versions: [{ role: 'before', bytes: 13, excerpt: '{"all":["a"]}' }, { role: 'between' }, { role: 'after' }],
    reproduce: 'collide run --config collide.config.json',
  });
});

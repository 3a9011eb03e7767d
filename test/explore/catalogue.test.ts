/** The catalogue, explored: what is known to hold has no interleaving that breaks it, and what is known to break has one. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { formatWitness, parseWitness, sessionsIn } from '../../harness/explore/witness.ts';
import type { OmissionKind } from '../../harness/history/omission.ts';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import { type Scenario, truthClasses } from '../../harness/scenario/scenario.ts';
import type { Exploration } from '../../harness/verdict/exploration.ts';
import type { RecordedFinding } from '../../harness/verdict/verdict.ts';
import { catalogue } from '../../scenarios/index.ts';
import { affordable } from '../support/costly.ts';
import { noteSkipped, surroundings } from '../support/servers.ts';

const BUDGET_MS = 60_000;
/** In so many steps all that is wrong is found, on any machine. */
const STEPS_TO_BREAK = 30_000;

/** Rows of which there are more interleavings than time. How far they get says nothing here: the machine may be busy. */
const unexhausted: ReadonlySet<string> = new Set([
  'build-marker/lease',
  'hive-db/insert',
  'hive-db/deferred',
  'hive-db/begin-immediate',
  'knowledge-db/upsert',
  'shared-index/commit-only-paths',
  'session-ref/update-ref-cas',
  'git-notes/ref-per-session',
  'coordination-fallback/single-authority',
]);
const SHORT_MS = 3_000;

/** What no search of these looks at, by kind: the word "all" is taken away. All the others leave nothing out. */
const left: Readonly<Record<string, readonly OmissionKind[]>> = {
  'ingest-health/flock': ['timeouts'],
  'instruction-history/lockfile-library': ['retries', 'timeouts'],
  'verdict-chain/mkdir-wait': ['retries'],
  'verdict-chain/flock': ['timeouts'],
  'build-marker/lease': ['maps'],
  'hive-db/insert': ['maps'],
  'hive-db/deferred': ['maps'],
  'hive-db/begin-immediate': ['maps'],
  'knowledge-db/upsert': ['maps'],
};

/** git and `[ -f` look at times; whether the search comes to where that is named depends on how far it gets. */
const looksAtAges: ReadonlySet<string> = new Set([
  'shared-index/commit-only-paths',
  'shared-index/worktree-per-session',
  'session-ref/update-ref-cas',
  'git-notes/ref-per-session',
  'coordination-fallback/single-authority',
  'verdict-chain/mkdir-wait',
]);

const tried = affordable(
  catalogue.flatMap((scenario) =>
    Object.keys(scenario.strategies).map((strategy) => [`${scenario.id}/${strategy}`, scenario, strategy] as const),
  ),
  ([row]) => row,
);

describe.skipIf(process.platform !== 'linux')('two writers of the catalogue, and its reader', () => {
  let sandbox: string;
  let explorers: Explorers;
  const around = surroundings(catalogue);
  const sums = { held: 0, broken: 0, skipped: 0, executions: 0, traces: 0, findings: 0, serial: 0 };

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    const url = new URL('../../scenarios/index.ts', import.meta.url).href;
    explorers = await startExplorers({ catalogue: url, sandbox, serverFor: around.serverFor });
  });

  afterAll(async () => {
    await explorers?.close();
    await around.close();
    rmSync(sandbox, { recursive: true });
    const { held, broken, skipped, executions, traces, findings, serial } = sums;
    process.stdout.write(
      `catalogue explored: ${held} strategies hold, ${broken} do not, ${skipped} not run here; ` +
        `${executions} executions, ${traces} traces; ${findings} findings replayed, ${serial} of them show in a serial order too\n`,
    );
  });

  async function examined(scenario: Scenario, strategy: string): Promise<Exploration> {
    const budgetMs = unexhausted.has(`${scenario.id}/${strategy}`) ? SHORT_MS : BUDGET_MS;
    const limit = scenario.strategies[strategy]!.truth === 'SAFE' ? {} : { steps: STEPS_TO_BREAK };
    const exploration = await explorers.examine({ target: scenario.id, strategy, seed: 1, budgetMs, ...limit });
    sums.executions += exploration.effort.executions;
    sums.traces += exploration.explored.traces;
    return exploration;
  }

  test.concurrent.each(rows('holds'))('%s holds', async (row, scenario, strategy) => {
    if (!(await runsHere(scenario, strategy))) return;
    const { explored, findings, brokenAlone, doubt } = await examined(scenario, strategy);
    const omitted = (explored.omitted ?? [])
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'ages' || !looksAtAges.has(row));
    const { server } = scenario.strategies[strategy]!;
    const expected = [...(left[row] ?? []), ...(server === undefined ? [] : ['servers'])];
    expect({ kind: explored.kind, omitted, findings: findings.map(inWords), brokenAlone, doubt }).toEqual({
      kind:
        unexhausted.has(row) || looksAtAges.has(row) || expected.length > 0
          ? expect.stringMatching(looksAtAges.has(row) ? /./ : /^(bounded|partial)$/)
          : 'exhaustive',
      omitted: expected,
      findings: [],
      brokenAlone: undefined,
      doubt: undefined,
    });
    expect(explored.traces, 'executions that differ').toBeGreaterThan(0);
    sums.held++;
  });

  test.concurrent.each(rows('breaks'))('%s breaks', async (_, scenario, strategy) => {
    if (!(await runsHere(scenario, strategy))) return;
    const { truth, may = [] } = scenario.strategies[strategy]!;
    const { findings, brokenAlone } = await examined(scenario, strategy);
    expect(brokenAlone).toBeUndefined();
    const found = findings.map((finding) => finding.class);
    const allowed = [...truthClasses(truth), ...may];
    expect(
      found.filter((kind) => !allowed.includes(kind)),
      'found, but not known',
    ).toEqual([]);
    expect(
      truthClasses(truth).filter((kind) => !found.includes(kind)),
      'known, but not found',
    ).toEqual([]);
    for (const finding of findings) await replays(finding);
    sums.broken++;
  });

  async function replays({ class: kind, replay, critical }: RecordedFinding): Promise<void> {
    sums.findings++;
    const replayed = await explorers.replay({ witness: replay!, times: 2 });
    expect(
      { classes: replayed.findings.map((finding) => finding.class), ...replayed },
      `${kind} again from ${replay}`,
    ).toMatchObject({ classes: expect.arrayContaining([kind]), diverged: [], stepLists: 1 });
    if (critical !== undefined) return;
    expect(await showsInSerialOrder(replay!, kind), `${kind} of ${replay} needs no interleaving`).toBe(true);
    sums.serial++;
  }

  /** Where it shows with one session after another, no two steps decide: any order shows it. */
  async function showsInSerialOrder(witness: string, kind: CollisionClass): Promise<boolean> {
    const { schedule, ...cast } = parseWitness(witness);
    for (const order of permutations(sessionsIn(schedule))) {
      const serial = formatWitness({ ...cast, schedule: order.map((session) => ({ session })) });
      const { findings } = await explorers.replay({ witness: serial, times: 1 });
      if (findings.some((finding) => finding.class === kind)) return true;
    }
    return false;
  }

  async function runsHere(scenario: Scenario, strategy: string): Promise<boolean> {
    const { unexplored } = scenario.strategies[strategy]!;
    if (unexplored === undefined && (await around.has(scenario.id, strategy))) return true;
    if (unexplored !== undefined) noteSkipped(`${scenario.id}/${strategy}`, `not explored: ${unexplored}`);
    sums.skipped++;
    return false;
  }
});

function rows(which: 'holds' | 'breaks'): readonly (readonly [string, Scenario, string])[] {
  return tried.filter(
    ([, { strategies }, strategy]) => (strategies[strategy]!.truth === 'SAFE') === (which === 'holds'),
  );
}

const inWords = ({ class: kind, message, replay }: RecordedFinding): string => `${kind}: ${message} (${replay})`;

const permutations = <T>(values: readonly T[]): readonly (readonly T[])[] =>
  values.length <= 1
    ? [values]
    : values.flatMap((first, at) => permutations(values.toSpliced(at, 1)).map((rest) => [first, ...rest]));

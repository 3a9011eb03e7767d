/** What commands wait for: locks that are exchanged, time, what nobody sees, and loops that are none. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import { stay } from '../../harness/schedule/schedule.ts';
import type { Exploration } from '../../harness/verdict/exploration.ts';
import { marked, onLinux, python, type Setting, setting } from '../support/explore-stage.ts';
import { catalogueUrl, waits } from '../support/waits-catalogue.ts';

const noFlock = (await missingNeed(['flock(2)', 'flock'])) !== undefined;
const noPython = python === undefined;

describe.skipIf(!onLinux || noFlock)('explored, commands', () => {
  let sandbox: string;
  let explorers: Explorers;

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    explorers = await startExplorers({ catalogue: catalogueUrl, sandbox, count: 1 });
  });

  afterAll(async () => {
    await explorers?.close();
    expect(marked(sandbox)).toEqual([]);
    rmSync(sandbox, { recursive: true });
  });

  const examine = (strategy: string): Promise<Exploration> =>
    explorers.examine({
      target: 'waits',
      strategy,
      seed: 1,
      budgetMs: 100_000,
    });

  const outcomeOf = ({ explored, findings, doubt, brokenAlone }: Exploration): unknown => ({
    kind: explored.kind,
    omitted: explored.omitted?.map(({ kind, what }) => `${kind}: ${what}`) ?? [],
    classes: findings.map((finding) => finding.class),
    ...(doubt === undefined ? {} : { doubt }),
    ...(brokenAlone === undefined ? {} : { brokenAlone }),
  });

  const all = { kind: 'exhaustive', omitted: [], classes: [] };
  const leavesOut = (...omitted: readonly unknown[]): unknown => ({ kind: 'partial', omitted, classes: [] });
  const found = (kind: string): unknown => expect.objectContaining({ classes: [kind] });

  test.each<[string, unknown]>([
    ['upgrade', all],
    ['upgrade-or-not', all],
    ['upgrade-trusting', found('LAST_WRITER_WINS')],
    ['downgrade', all],
    ['kill-0', leavesOut('retries: stat pid', 'signals: kill -0', 'ages: how old pid is after a sleep')],
    ['watchdog', leavesOut('timeouts: sleep 10')],
    ['watchdog-left', found('LAST_WRITER_WINS')],
    ['background-sleep', leavesOut('timeouts: sleep 0.05')],
    ['own-timer', leavesOut(expect.stringMatching(/^timeouts: epoll_pwait by \S+$/))],
    ['both-at-once', leavesOut(expect.stringMatching(/^threads: \w+ log \/ \w+ log$/))],
    ['both-matter', leavesOut(expect.stringMatching(/^threads: \w+ b \/ \w+ a$/))],
    ['pipeline', all],
    ['link-poll', leavesOut('retries: link lock')],
    ['reads-often', found('LAST_WRITER_WINS')],
    ['tries-200', found('LAST_WRITER_WINS')],
    ['for-ever', leavesOut('retries: mkdir lock')],
  ])('%s', async (strategy, expected) => {
    expect(outcomeOf(await examine(strategy))).toEqual(expected);
  });

  test.skipIf(noPython).each<[string, unknown]>([
    ['upgrade-fcntl', all],
    ['crosswise-fcntl', all],
    ['upgrade-ofd', found('STUCK')],
    ['abstract', leavesOut('retries: sleep', expect.stringMatching(/^sockets: @/))],
    ['thread-flock', all],
    ['thread-lockf', all],
    ['looks', found('LAST_WRITER_WINS')],
    ['filelock', leavesOut('retries: trylock l')],
    ['lockf-poll', leavesOut('retries: trylock l')],
  ])('%s, in Python', async (strategy, expected) => {
    expect(outcomeOf(await examine(strategy))).toEqual(expected);
  });

  test('that only sleep, and wait for what nobody sees, are not called stuck', async () => {
    await expect(examine('nothing')).rejects.toThrow('session 0 sleeps again and again');
  });

  describe('alone', () => {
    let here: Setting;

    beforeAll(async () => {
      here = await setting(1, catalogueUrl);
    });

    afterAll(async () => here?.close());

    test('are not stuck where one of their own waits for their lock', () => {
      here.player.take({ scenario: waits, strategy: 'own-lock', writers: 1, participants: [0], operations: 1 });
      for (let time = 0; time < 3; time++) {
        const { execution, trace } = here.player.play(stay);
        expect({ n: String(execution.final.n), stuck: trace.stuck }).toEqual({ n: '1\n', stuck: [] });
      }
    });

    test.each<readonly [string, string]>([
      ['in-order', 'a b c'],
      ['in-order-by-loops', '1 2 long 3'],
      ...(noPython ? [] : [['in-order-by-select', 'a b c'] as const]),
    ])('wake in the order in which they would: %s', (strategy, expected) => {
      here.player.take({ scenario: waits, strategy, writers: 1, participants: [0], operations: 1 });
      for (let time = 0; time < 3; time++) {
        const { execution } = here.player.play(stay);
        expect(String(execution.final.log).trim().split('\n').join(' ')).toBe(expected);
      }
    });
  });
});

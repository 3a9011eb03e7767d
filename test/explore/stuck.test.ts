/** Sessions that can't go on, that go on for ever, or that are no more. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import type { Exploration } from '../../harness/verdict/exploration.ts';
import { catalogueUrl } from '../support/explore-catalogue.ts';
import { marked, onLinux } from '../support/explore-stage.ts';

const noFlock = (await missingNeed(['flock(2)', 'flock'])) !== undefined;

describe.skipIf(!onLinux || noFlock)('explored, sessions', () => {
  let sandbox: string;
  let explorers: Explorers;

  beforeEach(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    explorers = await startExplorers({ catalogue: catalogueUrl, sandbox, count: 1 });
  });

  afterEach(async () => {
    await explorers?.close();
    expect(marked(sandbox)).toEqual([]);
    rmSync(sandbox, { recursive: true });
  });

  const examine = (target: string, strategy: string): Promise<Exploration> =>
    explorers.examine({ target, strategy, seed: 1, budgetMs: 60_000 });

  const classesOf = ({ findings }: Exploration): readonly string[] => findings.map((finding) => finding.class);

  test.each([
    ['locking', 'opposite'],
    ['locking', 'shell-opposite'],
    ['waiting', 'each'],
    ['waiting', 'each-function'],
  ])('that wait for each other are found, and found again: %s/%s', async (target, strategy) => {
    const exploration = await examine(target, strategy);
    expect(classesOf(exploration)).toEqual(['STUCK']);
    const [{ message, replay }] = exploration.findings as [Exploration['findings'][number]];
    expect(message).toMatch(/^nobody can go on: session \d before .*, session \d before /);
    const { findings, stepLists } = await explorers.replay({ witness: replay!, times: 3 });
    expect(findings.map((finding) => finding.class)).toEqual(['STUCK']);
    expect(stepLists).toBe(1);
    // Whoever was stuck is of use again.
    expect(classesOf(await examine('locking', 'unlock'))).toEqual([]);
  });

  test.each(['bounded', 'bounded-function'])('that give up waiting are outwaited: %s', async (strategy) => {
    const { findings } = await examine('waiting', strategy);
    expect(findings.map((finding) => finding.class)).toEqual(['EXCLUSION_BROKEN']);
    expect(findings[0]!.replay).toContain('@outwait');
  });

  test('that wait for ever are not followed for ever', async () => {
    const { explored, findings, doubt } = await examine('waiting', 'unbounded');
    const omitted = [{ kind: 'retries', what: 'mkdir turn' }];
    expect({ ...explored, findings, doubt }).toMatchObject({
      kind: 'partial',
      omitted,
      findings: [],
      doubt: undefined,
    });
  });

  test('that die are replaced, and the search begins anew', async () => {
    const { explored } = await examine('trouble', 'dies-once');
    expect(explored.kind).toBe('exhaustive');
  });

  test('that die every time end the search with a reason', async () => {
    await expect(examine('trouble', 'dies')).rejects.toThrow(/session process \d+ died behind the gate|process_vm/);
    expect((await examine('locking', 'close')).explored.kind).toBe('exhaustive');
  });

  test('that go on for ever, with or without a step, end the search with a reason', async () => {
    await expect(examine('trouble', 'steps')).rejects.toThrow('an execution took more than 20000 steps');
    await expect(examine('trouble', 'spins')).rejects.toThrow('did nothing to the resource for 10000 ms');
    expect(readdirSync(sandbox).length).toBeLessThan(3);
  });

  test('that fail are a doubt, and nothing else', async () => {
    const { brokenAlone } = await examine('trouble', 'throws');
    expect(brokenAlone).toBe('even with one session no operation succeeded');
  });
});

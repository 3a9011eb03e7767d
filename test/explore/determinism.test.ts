/** The same schedule gives the same steps; and where a writer does not allow that, it is said and not judged. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import { catalogueUrl } from '../support/explore-catalogue.ts';
import { onLinux } from '../support/explore-stage.ts';

const noFlock = (await missingNeed(['flock(2)'])) !== undefined;

describe.skipIf(!onLinux || noFlock)('a schedule', () => {
  let sandbox: string;
  let explorers: Explorers;

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    explorers = await startExplorers({ catalogue: catalogueUrl, sandbox, count: 1 });
  });

  afterAll(async () => {
    await explorers?.close();
    rmSync(sandbox, { recursive: true });
  });

  const LOST = '0@open.2:state,1';
  const replay = (witness: string, times = 1): ReturnType<Explorers['replay']> => explorers.replay({ witness, times });

  async function underLoad<T>(work: () => Promise<T>): Promise<T> {
    const busy: readonly ChildProcess[] = [1, 2, 3].map(() =>
      spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
    );
    try {
      return await work();
    } finally {
      for (const child of busy) child.kill('SIGKILL');
    }
  }

  test.each([
    ['a function', `edits/before:2:${LOST}`],
    ['a shell', `edits/shell:2:${LOST}`],
  ])('of %s gives the same steps a hundred times, on a busy machine too', async (_, witness) => {
    const calm = await replay(witness, 50);
    const busy = await underLoad(() => replay(witness, 50));
    expect([calm.stepLists, busy.stepLists]).toEqual([1, 1]);
    const names = ({ execution }: typeof calm): readonly string[] =>
      execution.steps!.map(({ session, call, path }) => `${session} ${call} ${path}`);
    expect(names(busy)).toEqual(names(calm));
    expect([calm, busy].flatMap(({ diverged }) => diverged)).toEqual([]);
    expect(calm.findings.map((finding) => finding.class)).toEqual(['LAST_WRITER_WINS']);
  });

  test('outlives an edit of the writer', async () => {
    const { findings, diverged } = await replay(`edits/looks-first:2:${LOST}`);
    expect(findings.map((finding) => finding.class)).toEqual(['LAST_WRITER_WINS']);
    expect(diverged).toEqual([]);
  });

  test('that can not be followed says where, and goes on', async () => {
    const { diverged, execution } = await replay('edits/before:2:0@rename:state,1');
    expect(diverged).toEqual(['segment 1: session 0 ended before rename state']);
    expect(execution.operations.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  });

  test.each(['random', 'clock'])('of a writer that uses %s is not judged', async (strategy) => {
    const { doubt, explored } = await explorers.examine({ target: 'trouble', strategy, seed: 1, budgetMs: 20_000 });
    expect(doubt).toMatch(/^the writer is not deterministic: under one schedule, step 1 was session 0: 0 open /);
    expect(explored.kind).not.toBe('exhaustive');
    const { stepLists } = await replay(`trouble/${strategy}:2:0,1`, 3);
    expect(stepLists).toBe(3);
  });

  test.each(['anew', 'kept'])('leads to what is seen through a map between two steps: %s', async (strategy) => {
    const { findings } = await explorers.examine({ target: 'maps', strategy, seed: 1, budgetMs: 20_000 });
    expect(findings.map((finding) => finding.class)).toEqual(['CONTAMINATED']);
  });

  test('of a writer that draws names is judged where the scenario says which part of them is drawn', async () => {
    const { doubt, explored } = await explorers.examine({
      target: 'drawing',
      strategy: 'name',
      seed: 1,
      budgetMs: 20_000,
    });
    expect([doubt, explored.kind]).toEqual([undefined, 'exhaustive']);
    const { stepLists, diverged, execution } = await replay('drawing/name:2:0@rename:tmp-%,1', 3);
    expect([stepLists, diverged]).toEqual([1, []]);
    expect(execution.steps!.map(({ path }) => path)).toContain('tmp-%');
  });
});

/** A run in parts: killed and resumed, or divided among machines, it comes to what it comes to in one go. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Results } from '../../harness/report/results.ts';
import { type Ended, inOneProcess, killStarted, start as startIn } from '../support/collide.ts';
import { onLinux } from '../support/explore-stage.ts';
import { until } from '../support/processes.ts';

const ASKED = [
  'run',
  '--engine',
  'explore',
  '--targets',
  'session-id,team-config',
  '--writers',
  '2',
  '--steps',
  '5000',
] as const;

describe.skipIf(!onLinux)('a run in parts', () => {
  let dir: string;
  let whole: ReturnType<typeof verdictsIn>;
  const many = inOneProcess();

  const start = (...args: readonly string[]) => startIn(args, { cwd: dir, temporary: dir });
  const asked = (...args: readonly string[]): Promise<Ended> => many.ask({ args, cwd: dir, temporary: dir });

  /** What it comes to, without what differs from run to run. */
  function verdictsIn(out: string) {
    const { verdicts } = JSON.parse(readFileSync(join(dir, out, 'results.json'), 'utf8')) as Results;
    return verdicts.map(({ target, strategy, status, classes, strength }) => {
      const { explored, probed } = strength ?? {};
      // A shard ends at its first finding, and knows only of its own executions how long they are.
      const searched =
        status === 'SAFE' ? { kind: explored!.kind, traces: explored!.traces, drawn: probed?.executions } : {};
      return { row: `${target}/${strategy}`, status, classes, ...searched };
    });
  }

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
    const { code, stderr } = await start(...ASKED, '--out', 'whole').ended;
    expect(code, stderr).toBe(0);
    whole = verdictsIn('whole');
  });

  afterAll(() => {
    many.close();
    killStarted();
    rmSync(dir, { recursive: true });
  });

  test('is resumed where it was killed, and then has nothing to resume', async () => {
    const run = start(...ASKED, '--out', 'resumed');
    const journal = join(dir, 'resumed/results.journal.jsonl');
    await until(() => existsSync(journal) && readFileSync(journal, 'utf8').split('\n').length > 3);
    run.child.kill('SIGKILL');
    await run.ended;
    expect(existsSync(join(dir, 'resumed/results.json'))).toBe(false);
    const other = await asked('run', '--resume', '--out', 'resumed', '--seed', '7');
    expect([other.code, other.stderr]).toEqual([
      2,
      'collide: --seed 7 with --resume: that run was started with 1; leave the flag out\n',
    ]);
    const { code, stderr } = await start('run', '--resume', '--out', 'resumed').ended;
    expect(code, stderr).toBe(0);
    expect(verdictsIn('resumed')).toEqual(whole);
    expect(readdirSync(join(dir, 'resumed'))).toEqual(['results.json']);
    const again = await asked('run', '--resume', '--out', 'resumed');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('nothing to resume there');
  });

  test('is put together where it was divided, and refused as long as a shard is missing', async () => {
    expect((await start(...ASKED, '--shard', '1/2', '--out', 'shards').ended).code).toBe(0);
    const early = await asked('merge', 'shards', '--out', 'merged');
    expect([early.code, early.stderr]).toEqual([2, 'collide: of 2 shards, 2 is missing\n']);
    expect((await start(...ASKED, '--shard', '2/2', '--out', 'shards').ended).code).toBe(0);
    const { code, stdout } = await asked('merge', 'shards', '--out', 'merged');
    expect(stdout).toContain('2 shards. Results with witnesses: merged/results.json');
    expect(code).toBe(0);
    expect(verdictsIn('merged')).toEqual(whole);
  });
});

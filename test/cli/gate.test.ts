/** `collide gate`, as a team has it in CI. */

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, start } from '../support/collide.ts';
import { onLinux } from '../support/explore-stage.ts';

let dir: string;
let work: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  work = join(dir, 'project');
  mkdirSync(join(work, 'ci'), { recursive: true });
});
afterAll(() => rmSync(dir, { recursive: true }));

const collide = (...args: readonly string[]): Promise<Ended> => start(args, { cwd: work, temporary: dir }).ended;

const BASELINE = 'reports/baseline.json';
const baseline = (): string => readFileSync(join(work, BASELINE), 'utf8');
const edited = (was: string, is: string): void => writeFileSync(join(work, BASELINE), baseline().replace(was, is));

const LOCKED = ['exec 9>>lock', 'flock 9', 'n=$(cat n)', 'echo $((n + 1)) > n'];
const script = (lines: readonly string[]): void => {
  writeFileSync(join(work, 'ci/bump.sh'), `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(join(work, 'ci/bump.sh'), 0o755);
};

const RACE = 'bump/commands LAST_WRITER_WINS: read work/n < write work/n';

/** Stored runs of the same, which take no time to compare. */
const stored = (name: string): readonly string[] => ['gate', '--in', join('kept', name, 'results.json')];

describe.skipIf(!onLinux)('a gate of a command of one’s own', () => {
  test('is made, fails where the lock is gone, and says how to see it', async () => {
    script(LOCKED);
    writeFileSync(join(work, 'ci/n'), '0\n');
    const target = { id: 'bump', dir: 'ci', commands: './bump.sh', expect: [{ counter: 'n' }] };
    writeFileSync(join(work, 'collide.config.json'), JSON.stringify({ writers: 2, targets: [target] }));

    const first = await collide('gate', '--update', '--steps', '10000', '--out', 'kept/locked');
    expect(first).toMatchObject({ code: 0, stdout: `${BASELINE} is new: 1 row, 0 known races.\n` });
    expect(baseline()).toContain('"targets": "those of the configuration", "writers": 2');
    expect(baseline()).toMatch(/"bump\/commands": "SAFE \(sampled\), /);

    script(LOCKED.filter((line) => !line.startsWith('flock')));
    const { code, stdout } = await collide('gate', '--out', 'kept/unlocked');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^✗ bump\/commands: worse: was SAFE \(sampled\), .*; now LAST_WRITER_WINS, an acknowledged update/,
    );
    expect(stdout.replaceAll(/\n */g, ' ')).toContain('If that is meant, `collide gate --update` accepts it.');
    expect(stdout).toContain("Session 1's `read work/n`");
    expect(stdout).toContain(`The gate fails, with 1 worse: 1 row compared with ${BASELINE}.`);

    const [, witness] = /Replay it: collide replay (\S+)/.exec(stdout)!;
    const again = await collide('replay', witness!);
    expect(again.stdout).toContain('bump/commands: LAST_WRITER_WINS');
  });

  test('knows what was agreed to, and until when', async () => {
    const unchanged = await collide(...stored('locked'));
    expect(unchanged).toMatchObject({ code: 0 });
    expect(unchanged.stdout).toContain(`Nothing is worse: 1 row compared with ${BASELINE}.`);

    const accepted = await collide(...stored('unlocked'), '--update');
    expect(accepted.code).toBe(0);
    expect(accepted.stdout).toContain(`${BASELINE} is as it is now: 1 row, 1 known race.`);
    expect(baseline()).toContain(` "findings": {\n  "${RACE}": {}\n }`);

    edited(`"${RACE}": {}`, `"${RACE}": { "reason": "CI runs one job at a time", "expires": "2020-02-29" }`);
    const expired = await collide(...stored('unlocked'));
    expect(expired.code).toBe(1);
    expect(expired.stdout).toContain('✗ bump/commands: expired: LAST_WRITER_WINS');

    const fixed = await collide(...stored('locked'), '--json');
    expect(fixed.code).toBe(1);
    expect(JSON.parse(fixed.stdout).comparison).toMatchObject({
      baseline: BASELINE,
      rows: 1,
      changes: [
        { kind: 'stale', row: 'bump/commands', fingerprint: RACE, fails: true },
        { kind: 'better', row: 'bump/commands', fails: false },
      ],
    });
  });

  test('that is interrupted compares nothing', async () => {
    const before = baseline();
    const run = start(['gate', '--update', '--out', 'kept/ended'], { cwd: work, temporary: dir });
    run.child.stderr!.once('data', () => run.child.kill('SIGINT')); // it says that it is starting sessions
    const { code, stderr } = await run.ended;
    expect(stderr).toContain(`Interrupted: 0 rows done, nothing compared; ${BASELINE} is as it was.\n`);
    expect(code).toBe(130);
    expect(baseline()).toBe(before);
  });

  test('asks what its baseline asks', async () => {
    const refused = async (said: RegExp | string, ...args: readonly string[]): Promise<void> => {
      const { code, stdout, stderr } = await collide('gate', ...args);
      expect(stderr).toMatch(said);
      expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 2, stdout: '', lines: 2 });
    };
    const results = join(work, 'kept/locked/results.json');
    writeFileSync(
      join(work, 'kept/timed.json'),
      readFileSync(results, 'utf8').replace(/"steps": 10000,/, '"rounds": 7,'),
    );
    writeFileSync(join(work, 'broken.json'), baseline().replace('SAFE', 'FINE').replace('COLLIDES', 'FINE'));
    await Promise.all([
      refused('--writers 4: reports/baseline.json was made with --writers 2: ask the same, or', '--writers', '4'),
      refused('--in kept/timed.json holds a run that time has ended', '--in', 'kept/timed.json'),
      refused('none.json: there is no baseline yet: `collide gate --update --baseline none.json`', '-b', 'none.json'),
      refused("--baseline /proc: can't be written to", '--update', '-b', '/proc/none.json'),
      refused(/^collide: broken.json:5: rows › bump\/commands: expected such as/, '-b', 'broken.json'),
    ]);
  });
});

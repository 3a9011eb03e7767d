/** `collide probe` as its users meet it: a process with an exit code, that leaves nothing behind. */

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contests } from '../../harness/probe/contests.ts';
import type { Probed } from '../../harness/probe/result.ts';
import { probeReport } from '../../harness/report/probe.ts';
import { killStarted, type Started, start as startIn } from '../support/collide.ts';
import { until } from '../support/processes.ts';

const onLinux = process.platform === 'linux';

let dir: string;
let work: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  work = join(dir, 'work');
  mkdirSync(work);
  mkdirSync(join(dir, 'tmp'));
});
afterEach(() => {
  killStarted();
  rmSync(dir, { recursive: true });
});

const start = (at: string, budgetMs: number): Started =>
  startIn(['probe', at, '--budget', `${budgetMs}ms`, '--json'], { cwd: dir, temporary: join(dir, 'tmp') });

/** Everything that a probe may leave: files, and processes that carry its mark. */
const left = (): readonly unknown[] => [...readdirSync(work), ...readdirSync(join(dir, 'tmp')), ...marked()];

/** Processes that were started for a probe in the directory of the test. */
function marked(): readonly number[] {
  if (!onLinux) return [];
  const mark = `COLLIDE_MARK=${dir}/`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && environmentOf(pid).includes(mark));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

test.runIf(onLinux)('measures every guarantee and every writer, and leaves what was there', async () => {
  writeFileSync(join(work, 'mine'), 'mine');
  const { code, stdout, stderr } = await start('work', 300).ended; // a path from where one is
  expect([code, stderr]).toEqual([0, '']);
  const probed = JSON.parse(stdout) as Probed;
  expect(probed.guarantees.map(({ id }) => id)).toEqual(contests.map(({ id }) => id));
  expect(probed.guarantees.filter(({ answer }) => answer === 'broken')).toEqual([]);
  const row = (writer: string) => probed.appends.find((each) => each.writer === writer)!;
  for (const { cells, skipped } of probed.appends)
    expect(cells.map(({ bytes }) => bytes)).toEqual(skipped === undefined ? probed.sizes : []);
  if (probed.noGate === undefined) {
    expect(row('fs.writeSync').cells.map(({ writes, answer }) => answer === 'skipped' || writes === 1)).not.toContain(
      false,
    );
    expect(row('fs.promises.appendFile').cells.find(({ bytes }) => bytes === 2 ** 20)!.writes ?? 2).toBeGreaterThan(1);
  }
  for (const line of probeReport(probed, { columns: 120, colour: false }).split('\n'))
    expect(line.length).toBeLessThanOrEqual(120);
  expect(left()).toEqual(['mine']);
});

describe('a mistake is one line that says what to do', () => {
  test.each([
    [
      'a directory that is not there',
      'nowhere',
      'collide: nowhere: there is no such directory; make it first, or name another\n',
    ],
    ['a file', '/dev/null', 'collide: /dev/null: that is not a directory; name one\n'],
  ])('%s', async (_, at, line) => {
    expect(await start(at, 300).ended).toEqual({ code: 2, stdout: '', stderr: line });
    expect(left()).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('a directory that may not be written to', async () => {
    chmodSync(work, 0o555);
    const { code, stderr } = await start(work, 300).ended;
    chmodSync(work, 0o755);
    expect(stderr).toMatch(/^collide: \S+: can't be written to: EACCES.*; name another directory\n$/);
    expect(code).toBe(2);
  });
});

describe.runIf(onLinux)('whoever ends it finds nothing left', () => {
  /** In the directory that was named, something is being measured. */
  const measuring = (): boolean =>
    readdirSync(work).some((name) => roomsIn(join(work, name)).some((room) => room.startsWith('room-'))) &&
    marked().length > 0;

  const roomsIn = (path: string): readonly string[] => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  };

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s', async (signal) => {
    const { child, ended } = start(work, 600_000);
    await until(measuring);
    child.kill(signal);
    const { code, stdout } = await ended;
    expect([code, stdout]).toEqual([130, '']);
    expect(left()).toEqual([]);
  });

  test('by SIGKILL, a moment later', async () => {
    const { child, ended } = start(work, 600_000);
    await until(measuring);
    child.kill('SIGKILL');
    await ended;
    await until(() => left().length === 0);
  });
});

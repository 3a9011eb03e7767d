/** Calls of real writers, counted by the gate. */

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countWrites } from '../../harness/probe/counting.ts';
import { writeScripts } from '../../harness/probe/writers.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'collide-test-')));
  for (const name of ['sandbox', 'place']) mkdirSync(join(dir, name));
  writeScripts(join(dir, 'sandbox'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const KIB = 1024;
const missing = await missingNeed(['dash', 'tee']);

async function counted(lines: readonly (readonly [string, number])[], deadline = Number.POSITIVE_INFINITY) {
  const jobs = lines.map(([writer, bytes]) => ({ writer, bytes, dir: mkdtempSync(join(dir, 'place', 'room-')) }));
  const sandbox = join(dir, 'sandbox');
  const signal = new AbortController().signal;
  const found = await countWrites(jobs, { scripts: sandbox, sandbox, signal, deadline });
  expect(readdirSync(join(dir, 'place'))).toEqual([]);
  return found;
}

describe.runIf(process.platform === 'linux')('the writes of a line', () => {
  test('in Node are one, but for a long line of the asynchronous appendFile', async () => {
    const lines = [
      ['fs.writeSync', 1024 * KIB],
      ['fs.appendFileSync', 1024 * KIB],
      ['fs.createWriteStream', 1024 * KIB],
      ['fs.promises.appendFile', 64 * KIB],
      ['fs.promises.appendFile', 1024 * KIB],
    ] as const;
    const { writes, noGate } = await counted(lines);
    expect(noGate).toBeUndefined();
    expect(writes.slice(0, 4)).toEqual([1, 1, 1, 1]);
    expect(writes[4]).toBeGreaterThan(1);
  });

  test.skipIf(missing)('of a shell are one for a short line, and several for a long one', async () => {
    const lines = [
      ['dash printf', 64],
      ['dash printf', 64 * KIB],
      ['printf | tee -a', 64],
      ['printf | tee -a', 1024 * KIB],
    ] as const;
    const { writes } = await counted(lines);
    expect([writes[0], writes[2]]).toEqual([1, 1]);
    expect(writes[1]).toBeGreaterThan(1);
    expect(writes[3]).toBeGreaterThan(1);
  });

  test('of what does not come out whole are unknown, and of all else known', async () => {
    const { writes } = await counted([
      ['no such writer', 64],
      ['fs.writeSync', 64],
    ]);
    expect(writes).toEqual([undefined, 1]);
  });

  test('are unknown where there is no time, and that is said', async () => {
    expect(await counted([['fs.writeSync', 64]], 0)).toEqual({
      writes: [undefined],
      noGate: 'no line came through in time',
    });
  });
});

import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wouldWait } from '../../harness/gate/locks.ts';
import { type Apartment, startApart } from '../soundness/apart.ts';
import { setUp } from '../soundness/outcome.ts';
import type { LockType } from '../soundness/program.ts';
import { onLinux } from '../support/explore-stage.ts';

type Taken = readonly [LockType, number, number];

/** What the others have comes behind what the session has itself, which is all that F_GETLK tells of. */
describe.runIf(onLinux)('a range of which the session has a part already', () => {
  let directory: string;
  let apart: Apartment;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'collide-test-'));
    setUp(directory, [{ type: 'file', path: 'a', content: '' }]);
    apart = startApart(2);
  });
  afterAll(() => {
    apart.close();
    rmSync(directory, { recursive: true });
  });

  test.each<[string, Taken, Taken, Taken, boolean]>([
    ['a neighbour behind it is not in the way', ['exclusive', 0, 2], ['exclusive', 2, 3], ['exclusive', 0, 2], false],
    ['nor one before it', ['exclusive', 2, 4], ['exclusive', 0, 2], ['exclusive', 2, 4], false],
    ['who shares its last byte is', ['shared', 0, 3], ['shared', 2, 4], ['exclusive', 0, 3], true],
    ['and its first one', ['shared', 3, 6], ['shared', 2, 4], ['exclusive', 3, 6], true],
    ['unless both share', ['exclusive', 5, 6], ['shared', 0, 1], ['shared', 0, 6], false],
  ])('%s', async (_, own, others, [type, from, to], waits) => {
    const holders = [own, others].map(([type, from, to], index) => ({ type, from, to, stand: apart.stands[index]! }));
    for (const { stand, ...range } of holders) {
      await stand.begin(directory, {
        opened: [{ slot: 0, path: 'a', flags: ['BOTH'] }],
        lines: [{ do: 'fcntl', ofd: false, slot: 0, waits: false, ...range }],
      });
      await stand.step();
    }
    const { pid } = apart.stands[0]!;
    const fd = readdirSync(`/proc/${pid}/fd`).find(
      (each) => readlinkSync(`/proc/${pid}/fd/${each}`) === join(directory, 'a'),
    );
    const description = Buffer.alloc(32); // struct flock
    description.writeInt16LE(type === 'shared' ? 0 : 1, 0);
    description.writeBigInt64LE(BigInt(from), 8);
    description.writeBigInt64LE(BigInt(to - from), 16);
    const lock = { kind: 'fcntl', command: 7, description, shared: type === 'shared', range: { from, to } } as const;
    const request = { call: 'lock', path: 'a', flags: [], follows: true, fd: Number(fd), lock } as const;
    expect(wouldWait(pid, request, true)).toBe(waits);
    for (const { stand } of holders) await stand.end();
  });
});

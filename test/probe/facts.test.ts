import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askFacts, steps } from '../../harness/probe/facts.ts';
import { fileSystemOf, mountOf, roomIn } from '../../harness/probe/file-system.ts';

test('facts are asked in rooms of their own', () => {
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  try {
    const facts = askFacts(() => mkdtempSync(join(dir, 'room-')));
    expect(readdirSync(dir)).toHaveLength(facts.length);
    const answers = Object.fromEntries(facts.map(({ id, answer }) => [id, answer]));
    expect(answers).toMatchObject({ 'hard-links': 'yes', 'symbolic-links': 'yes' });
    expect(['two files', 'the same file']).toContain(answers.case);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('what can not be asked is not measured, with the reason', () => {
  const facts = askFacts(() => {
    throw new Error('ENOSPC');
  });
  for (const { answer, evidence } of facts) expect([answer, evidence]).toEqual(['not measured', 'ENOSPC']);
});

test('an mtime has the step that was the smallest, and how often there was none', () => {
  const ms = 1_000_000n;
  expect(steps([0n, 0n, 4n * ms, 4n * ms, 12n * ms])).toEqual({
    answer: 'steps of 4 ms',
    evidence: 'the same after 2 of 4 writes right behind another',
  });
  expect(steps([0n, 999n, 1_999n]).answer).toBe('steps of 1 µs');
  expect(steps([5n, 5n]).answer).toBe('no step seen');
  expect(steps([5n, 9n, 2n]).evidence).toContain('1 times earlier than before');
});

const MOUNTINFO = `21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
22 21 0:20 / /mnt rw - tmpfs tmpfs rw
23 21 0:21 / /mnt/a\\040b rw - nfs4 server:/a\\040b rw,vers=4.2
24 21 0:22 / /mnt rw - xfs /dev/vdb rw
`;

test('the file system of a path is the deepest mount above it, and the last one there', () => {
  const at = (path: string) => mountOf(path, MOUNTINFO);
  expect(at('/home')).toEqual({ type: 'ext4', mountedAt: '/', source: '/dev/vda' });
  expect(at('/mnt/x')).toEqual({ type: 'xfs', mountedAt: '/mnt', source: '/dev/vdb' });
  expect(at('/mnt')).toMatchObject({ type: 'xfs' });
  expect(at('/mntx')).toMatchObject({ type: 'ext4' });
  expect(at('/mnt/a b/c')).toEqual({ type: 'nfs4', mountedAt: '/mnt/a b', source: 'server:/a b' });
  expect(mountOf('/x', '')).toBeUndefined();
});

test('the temporary directory has a file system, with room', () => {
  expect(fileSystemOf(tmpdir()).type).not.toBe('');
  expect(roomIn(tmpdir())).toBeGreaterThan(0);
});

test.runIf(process.platform === 'linux')('what has no blocks has room without end', () => {
  expect(roomIn('/proc')).toBe(Number.POSITIVE_INFINITY);
});

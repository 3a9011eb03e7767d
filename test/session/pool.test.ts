import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../harness/scenario/command.ts';
import { nowUs } from '../../harness/session/clock.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import type { PerformTask } from '../../harness/session/protocol.ts';
import { catalogueUrl } from '../support/catalogue.ts';
import { isAlive, until } from '../support/processes.ts';

let sandbox: string;
let pool: SessionPool;

beforeEach(async () => {
  sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
  writeFileSync(join(sandbox, 'log'), '');
  pool = await createPool({ writers: 2, readers: 1, catalogue: catalogueUrl, sandbox });
});

afterEach(async () => {
  await pool.close();
  rmSync(sandbox, { recursive: true });
});

const task = (strategy: string, index = 0, target = 'misbehaving'): PerformTask => ({
  type: 'perform',
  target,
  strategy,
  index,
  writers: 2,
  role: 'writer',
  kind: 'write',
  dir: sandbox,
  operations: 1,
  stopFile: join(sandbox, 'stop'),
  startUs: nowUs(),
  beatUs: 0,
  jitterUs: 0,
  seed: 'test',
});

test('every session is a process of its own, with its own identity, and keeps both', async () => {
  const identities = [...pool.writers, ...pool.readers].map(({ identity }) => identity);
  expect(identities.map(({ index, role }) => [index, role])).toEqual([
    [0, 'writer'],
    [1, 'writer'],
    [2, 'reader'],
  ]);
  expect(new Set(identities.map(({ pid }) => pid)).size).toBe(3);
  expect(new Set(identities.map(({ uuid }) => uuid)).size).toBe(3);
  expect(identities.every(({ pid }) => pid !== process.pid && isAlive(pid))).toBe(true);
  for (let round = 0; round < 3; round++) {
    await Promise.all(pool.writers.map((writer, index) => writer.perform(task('append', index, 'well-behaved'))));
  }
  const written = readFileSync(join(sandbox, 'log'), 'utf8').trim().split('\n');
  const uuids = new Set(written.map((line) => (JSON.parse(line) as { uuid: string }).uuid));
  expect(uuids).toEqual(new Set(identities.slice(0, 2).map(({ uuid }) => uuid)));
  expect([...pool.writers, ...pool.readers].map(({ identity }) => identity)).toEqual(identities);
});

test('sessions work at the same time: one waits for what another has yet to do', async () => {
  const waiting = pool.writers[0]!.perform(task('waits'));
  await pool.writers[1]!.perform(task('append', 1, 'well-behaved'));
  writeFileSync(join(sandbox, 'going'), 'now');
  renameSync(join(sandbox, 'going'), join(sandbox, 'go'));
  expect(await waiting).toMatchObject({
    kind: 'performed',
    performed: { operations: [{ outcome: 'ok', output: 'now' }] },
  });
});

test('a session that dies is reported and replaced, and the others go on', async () => {
  const before = pool.writers[0]!.identity;
  expect(await pool.writers[0]!.perform(task('dies'))).toEqual({ kind: 'died', reason: `(pid ${before.pid}) died` });
  const after = pool.writers[0]!.identity;
  expect(after.uuid).not.toBe(before.uuid);
  expect(after.index).toBe(0);
  expect(pool.replaced).toBe(1);
  for (const writer of pool.writers) {
    expect(await writer.perform(task('append', 0, 'well-behaved'))).toMatchObject({ kind: 'performed' });
  }
});

test('a session that is killed between two tasks is replaced before the next', async () => {
  const before = pool.writers[1]!.identity;
  process.kill(before.pid, 'SIGKILL');
  await until(() => !isAlive(before.pid) && pool.writers[1]!.identity.pid !== before.pid);
  expect(await pool.writers[1]!.perform(task('append', 1, 'well-behaved'))).toMatchObject({ kind: 'performed' });
  expect(pool.writers[1]!.identity.uuid).not.toBe(before.uuid);
});

test('a session that hangs past its deadline is killed, reported and replaced', async () => {
  const before = pool.writers[0]!.identity;
  const result = await pool.writers[0]!.perform(task('hangs'), 200);
  expect(result).toEqual({ kind: 'hung', reason: 'had not answered after 200 ms, and was killed' });
  expect(isAlive(before.pid)).toBe(false);
  expect(await pool.writers[0]!.perform(task('append', 0, 'well-behaved'))).toMatchObject({ kind: 'performed' });
});

test.runIf(process.platform === 'linux')('what a dead session had spawned is ended with it', async () => {
  await pool.writers[0]!.perform(task('leaves-a-child'));
  const child = Number(readFileSync(join(sandbox, 'child'), 'utf8'));
  await until(() => !isAlive(child));
  expect(isAlive(child)).toBe(false);
});

test('an operation that throws is an outcome, not a death', async () => {
  expect(await pool.writers[0]!.perform(task('throws'))).toMatchObject({
    kind: 'performed',
    performed: { operations: [{ outcome: 'unknown', error: { name: 'TypeError', message: 'no idea' } }] },
  });
  expect(pool.replaced).toBe(0);
});

test('a task that the session itself can not carry out is reported, and the session goes on', async () => {
  expect(await pool.writers[0]!.perform(task('append', 0, 'unheard-of'))).toMatchObject({ kind: 'threw' });
  expect(await pool.writers[0]!.perform(task('append', 0, 'well-behaved'))).toMatchObject({ kind: 'performed' });
});

test('closing ends every session', async () => {
  const pids = [...pool.writers, ...pool.readers].map(({ identity }) => identity.pid);
  await pool.close();
  await until(() => pids.every((pid) => !isAlive(pid)));
  expect(pids.some(isAlive)).toBe(false);
});

test('a catalogue that can not be loaded is an error that says so, and leaves no session', async () => {
  const failing = createPool({ writers: 2, readers: 0, catalogue: 'file:///no/such/catalogue.js', sandbox });
  await expect(failing).rejects.toThrow(/the sessions could not be started: session \d threw: .*no\/such\/catalogue/);
});

test.runIf(process.platform === 'linux')(
  'sessions of a supervisor that is killed end themselves, and one that hangs',
  async () => {
    const orphaned = join(sandbox, 'orphaned');
    mkdirSync(orphaned);
    const supervisor = spawn(process.execPath, [join(packageRoot(), 'test/support/orphan.ts'), orphaned]);
    const [line] = (await once(supervisor.stdout.setEncoding('utf8'), 'data')) as [string];
    const pids = JSON.parse(line) as number[];
    supervisor.kill('SIGKILL');
    await until(() => !pids.some(isAlive) && !existsSync(orphaned));
    expect(pids).toHaveLength(2);
  },
);

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Mode } from '../../harness/history/execution.ts';
import { type Round, storm } from '../../harness/schedule/storm.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import { catalogueUrl, misbehaving, wellBehaved } from '../support/catalogue.ts';
import { isAlive, until } from '../support/processes.ts';

let sandbox: string;
let pool: SessionPool;

beforeAll(async () => {
  sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
  pool = await createPool({ writers: 3, readers: 1, catalogue: catalogueUrl, sandbox });
});

afterAll(async () => {
  await pool.close();
  rmSync(sandbox, { recursive: true });
});

const roundsLeft = (): readonly string[] => readdirSync(sandbox).filter((name) => name.startsWith('round-'));

async function rounds(
  count: number,
  strategy: string,
  mode: Mode = 'shared',
  scenario = wellBehaved,
): Promise<readonly Round[]> {
  const all = storm(pool, { scenario, strategy, mode, seed: 1, writers: 3, readers: 0, sandbox });
  const some: Round[] = [];
  while (some.length < count) some.push((await all.next()).value);
  return some;
}

test('a round is an execution in plain JSON: who did what when, what was acknowledged, what was left', async () => {
  const [round] = await rounds(1, 'append');
  const { execution } = round!;
  expect(JSON.parse(JSON.stringify(execution))).toEqual(execution);
  expect(execution.sessions.map(({ index, role }) => [index, role])).toEqual([
    [0, 'writer'],
    [1, 'writer'],
    [2, 'writer'],
  ]);
  expect(execution.operations.map(({ id }) => id).sort()).toEqual(['s0.0', 's0.1', 's1.0', 's1.1', 's2.0', 's2.1']);
  expect(execution.operations.every(({ outcome, kind }) => outcome === 'ok' && kind === 'write')).toBe(true);
  expect(execution.operations.every(({ invokedUs, respondedUs }) => 0 <= invokedUs && invokedUs <= respondedUs)).toBe(
    true,
  );
  const invoked = execution.operations.map(({ invokedUs }) => invokedUs);
  expect(invoked).toEqual(invoked.toSorted((a, b) => a - b));
  expect(Object.keys(execution.final)).toEqual(['log']);
  expect(execution.final.log!.trim().split('\n')).toHaveLength(6);
  expect(round!.skewUs).toBeGreaterThanOrEqual(0);
});

test('every round starts from a fresh sandbox, and removes it', async () => {
  const three = await rounds(3, 'append');
  expect(three.map(({ execution }) => execution.final.log!.trim().split('\n').length)).toEqual([6, 6, 6]);
  expect(roundsLeft()).toEqual([]);
});

test('with private copies, each session leaves its own', async () => {
  const [round] = await rounds(1, 'append', 'per-session');
  const { final } = round!.execution;
  expect(Object.keys(final)).toEqual(['session-0/log', 'session-1/log', 'session-2/log']);
  for (const [path, content] of Object.entries(final)) {
    const session = /session-(\d)/.exec(path)![1];
    const ids = content
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual([`s${session}.0`, `s${session}.1`]);
  }
});

test('a session that dies spoils its round, is named, and the next round has all sessions again', async () => {
  const [spoilt] = await rounds(1, 'first-session-dies', 'shared', misbehaving);
  expect(spoilt!.failures).toEqual([{ kind: 'died', message: expect.stringMatching(/^session 1 \(pid \d+\) died$/) }]);
  const [next] = await rounds(1, 'append');
  expect(next!.failures).toEqual([]);
  expect(next!.execution.sessions).toHaveLength(3);
});

test('a session that is killed between two rounds is replaced before the next is timed', async () => {
  const { pid, uuid } = pool.writers[2]!.identity;
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid) && pool.writers[2]!.identity.pid !== pid);
  const [round] = await rounds(1, 'append');
  expect(round!.failures).toEqual([]);
  expect(round!.execution.sessions.every((session) => session.pid > 0 && session.uuid !== uuid)).toBe(true);
});

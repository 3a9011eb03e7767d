import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stallSome } from '../../harness/schedule/stalls.ts';
import { nowUs } from '../../harness/session/clock.ts';
import type { Draw } from '../../harness/session/random.ts';
import { isAlive, until } from '../support/processes.ts';

let child: ChildProcess;
beforeEach(() => {
  child = spawn('sleep', ['1000']);
});
afterEach(() => {
  vi.restoreAllMocks();
  child.kill('SIGKILL');
});

/** Draws the largest number each time: as many stalls as there can be, as long as they can be. */
const most: Draw = (_, to) => to;

const isStopped = (pid: number): boolean => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

test('a stalled session goes on afterwards, and was stopped as often as it was let go', async () => {
  const kill = vi.spyOn(process, 'kill');
  await stallSome([child.pid!], most, nowUs(), 1_000);
  expect(kill.mock.calls.map(([, signal]) => signal)).toEqual([
    'SIGSTOP',
    'SIGCONT',
    'SIGSTOP',
    'SIGCONT',
    'SIGSTOP',
    'SIGCONT',
  ]);
  expect(isStopped(child.pid!)).toBe(false);
  expect(isAlive(child.pid!)).toBe(true);
});

test('some rounds have no stall', async () => {
  const kill = vi.spyOn(process, 'kill');
  await stallSome([child.pid!], (from) => from, nowUs(), 1_000);
  expect(kill).not.toHaveBeenCalled();
});

test('a session that has died meanwhile does not matter', async () => {
  child.kill('SIGKILL');
  await until(() => child.exitCode !== null || child.signalCode !== null);
  await stallSome([child.pid!], most, nowUs(), 1_000);
  expect(isAlive(child.pid!)).toBe(false);
});

test('a session without a process is left alone: 0 would be everybody', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true); // really sent, it would stop the tests too
  await stallSome([0], most, nowUs(), 1_000);
  expect(kill).not.toHaveBeenCalled();
});

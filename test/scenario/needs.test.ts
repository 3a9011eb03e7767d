import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { missingNeed, onPath } from '../../harness/scenario/needs.ts';

let dir: string;

/** PATH is two directories; the second holds the program `jq` and the text `notes`. */
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  for (const name of ['empty', 'bin']) mkdirSync(join(dir, name));
  for (const name of ['jq', 'notes']) writeFileSync(join(dir, 'bin', name), '#!/bin/sh\n');
  chmodSync(join(dir, 'bin', 'jq'), 0o755);
  chmodSync(join(dir, 'bin', 'notes'), 0o644);
  vi.stubEnv('PATH', [join(dir, 'empty'), join(dir, 'bin')].join(delimiter));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

describe('onPath', () => {
  test('finds a program in any directory on PATH', () => {
    expect(onPath('jq')).toBe(join(dir, 'bin', 'jq'));
  });

  test('finds no program that is not there, and none in a file that can not be run', () => {
    expect(onPath('flock')).toBeUndefined();
    expect(onPath('notes')).toBeUndefined();
  });

  test('finds nothing without a PATH', () => {
    vi.stubEnv('PATH', undefined);
    expect(onPath('jq')).toBeUndefined();
  });
});

describe('missingNeed', () => {
  test('is none where nothing is needed, or all is there', async () => {
    expect(await missingNeed([])).toBeUndefined();
    expect(await missingNeed(['jq'])).toBeUndefined();
  });

  test('is none where one of several is there', async () => {
    expect(await missingNeed(['flock|jq'])).toBeUndefined();
    expect(await missingNeed(['jq|flock'])).toBeUndefined();
  });

  test('is the first that is not there, in words', async () => {
    expect(await missingNeed(['jq', 'flock', 'lockf'])).toBe('needs flock, which is not on PATH');
    expect(await missingNeed(['flock|lockf|shlock'])).toBe('needs flock or lockf or shlock, which is not on PATH');
  });

  test.runIf(process.platform === 'linux')('of a system call is none where it can be called', async () => {
    expect(await missingNeed(['flock(2)'])).toBeUndefined();
    expect(await missingNeed(['flock(2)', 'flock'])).toBe('needs flock, which is not on PATH');
  });
});

test('a directory on PATH is no program', () => {
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  mkdirSync(join(dir, 'jq'));
  vi.stubEnv('PATH', dir);
  try {
    expect(onPath('jq')).toBeUndefined();
  } finally {
    vi.unstubAllEnvs();
    rmSync(dir, { recursive: true });
  }
});

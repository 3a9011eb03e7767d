import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox } from '../../harness/schedule/sandbox.ts';
import { withSandboxes } from '../../harness/schedule/sandboxes.ts';

describe('directories of a run', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const make = { one: () => createSandbox(dir), other: () => createSandbox(dir) };

  test('are there for the work, each by its name, and gone after it', async () => {
    const paths = await withSandboxes(make, async (given) => ({ given, there: readdirSync(dir).length }));
    expect(new Set(Object.values(paths.given)).size).toBe(2);
    expect(Object.keys(paths.given)).toEqual(['one', 'other']);
    expect([paths.there, readdirSync(dir)]).toEqual([2, []]);
  });

  test('are gone where the work fails', async () => {
    const work = withSandboxes(make, () => Promise.reject(new Error('no such luck')));
    await expect(work).rejects.toThrow('no such luck');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('are gone where one of them can not be made', async () => {
    const other = () => createSandbox(join(dir, 'nowhere'));
    await expect(withSandboxes({ ...make, other }, async () => {})).rejects.toThrow('ENOENT');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('are gone where the process ends in the middle of it', () => {
    const source = (path: string): string => JSON.stringify(new URL(`../../harness/${path}`, import.meta.url).href);
    const program = `
      const { createSandbox } = await import(${source('schedule/sandbox.ts')});
      const { withSandboxes } = await import(${source('schedule/sandboxes.ts')});
      const make = { one: () => createSandbox(${JSON.stringify(dir)}) };
      await withSandboxes(make, async ({ one }) => process.exit(one.startsWith(${JSON.stringify(dir)}) ? 7 : 8));`;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', program]).status).toBe(7);
    expect(readdirSync(dir)).toEqual([]);
  });
});

/** What the library says of writers in their own modules. */

import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { explore, replay, storm } from '../../harness/library/index.ts';
import { located } from '../../harness/library/located.ts';
import { onLinux } from '../support/explore-stage.ts';
import claim, { bump, bumpAlone, counterAtSeven, fails } from '../support/writers-of-a-user.ts';

const files = { n: '0' };

const module = new URL('../support/writers-of-a-user.ts', import.meta.url).href;

describe('a function is found again', () => {
  test.each([
    ['that is exported under its name', bump, 'bump'],
    ['that is declared', bumpAlone, 'bumpAlone'],
    ['that is exported as default', claim, 'default'],
  ] as const)('%s', async (_, code, name) => {
    expect(await located(code)).toEqual({ module, export: name });
  });

  test.each([
    ['that is not exported', (): void => {}, /can't be loaded by a session/],
    ['that comes from no file', Math.max, /from no file/],
  ] as const)('but not one %s', async (_, code, message) => {
    await expect(located(code)).rejects.toThrow(message);
  });
});

describe.skipIf(!onLinux)('sessions that are functions', () => {
  test('are explored, and a finding is replayed from its witness', async () => {
    const { verdict, survives, report } = await explore({ session: bump, files });
    expect({ classes: verdict.classes, survives }).toEqual({ classes: ['LAST_WRITER_WINS'], survives: false });
    expect(report).toContain('✗');
    const witness = /replay\(target, "([^"]+)"\)/.exec(report)![1]!;
    const again = await replay({ session: bump, files }, witness);
    expect(again.findings.map((finding) => finding.class)).toEqual(['LAST_WRITER_WINS']);
    expect(again.diverged).toEqual([]);
  });

  test('are right where a serial order of those that were not refused explains them', async () => {
    const { verdict, survives, report } = await explore({ session: bumpAlone, files }, { budgetMs: 20_000 });
    expect({ survives, explored: verdict.strength?.explored?.kind }).toEqual({
      survives: true,
      explored: 'exhaustive',
    });
    expect(report).toContain('Refused, which is no collision');
  });

  test('are held against what is expected of them', async () => {
    const target = { session: bump, setup: counterAtSeven, expect: [{ counter: 'n', from: 7 }] } as const;
    expect((await explore(target)).verdict.classes).toEqual(['LAST_WRITER_WINS']);
  });

  test('may differ', async () => {
    const { verdict } = await explore({ session: [bump, bumpAlone], files });
    expect(verdict.classes).toEqual(['LAST_WRITER_WINS']);
  });

  test('can be commands', async () => {
    const { verdict } = await explore({ commands: 'mkdir claimed', expect: [{ oneSuccess: true }] });
    expect(verdict.status).toBe('SAFE');
  });
});

test('sessions run freely, too', async () => {
  const { verdict } = await storm({ session: bump, files }, { writers: 4, budgetMs: 5_000 });
  expect(verdict.strength?.explored).toBeUndefined();
  expect(verdict.strength?.stormed?.rounds).toBeGreaterThan(0);
});

test('who fails alone is no case of a race', async () => {
  await expect(storm({ session: fails })).rejects.toThrow(/no such luck/);
});

test('what is no target is an error that says why', async () => {
  await expect(explore({ session: { module: './nowhere.ts' } })).rejects.toThrow(/nowhere.ts can't be loaded/);
  await expect(explore({ session: { module, export: 'bumb' } })).rejects.toThrow(
    /exports no function called 'bumb'; it exports .*bump/,
  );
});

test('who is interrupted gets an error, and leaves nothing', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('collide-'));
  const interrupt = new AbortController();
  const examining = storm({ session: bump, files }, { signal: interrupt.signal, budgetMs: 60_000 });
  interrupt.abort();
  await expect(examining).rejects.toThrow(/abort/);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('collide-') && !before.includes(name))).toEqual([]);
});

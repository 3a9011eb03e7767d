/** What the README shows must work as it stands there. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { runCampaign } from '../harness/campaign/campaign.ts';
import { packageRoot } from '../harness/scenario/command.ts';
import type { Scenario } from '../harness/scenario/scenario.ts';
import type { Verdict } from '../harness/verdict/verdict.ts';
import { onLinux } from './support/explore-stage.ts';

const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
const harness = new URL('../harness/', import.meta.url).href;

test.skipIf(!onLinux)('the configuration of the README runs, and is as it says', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text, { mode: 0o755 });
  };
  try {
    const config = /```ts\n\/\/ collide\.config\.ts\n([\s\S]*?)```/.exec(readme)![1]!;
    put('collide.config.ts', config.replace("'collide-lab'", `'${harness}library/index.ts'`));
    put('ci/build-number', '41');
    put(
      'ci/next-build.sh',
      '#!/bin/sh\nmkdir lock && echo $(($(cat build-number) + 1)) > build-number && rmdir lock\n',
    );
    put(
      'src/settings.ts',
      `import { readFileSync, writeFileSync } from 'node:fs';
      export const opened = (session: { path(name: string): string }): void => {
        const path = session.path('settings.json');
        writeFileSync(path, JSON.stringify({ opened: JSON.parse(readFileSync(path, 'utf8')).opened + 1 }));
      };`,
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(packageRoot(), 'harness/cli/main.ts'),
        'run',
        '--engine',
        'explore',
        '--writers',
        '2',
        '--budget',
        '2m',
        '--json',
      ],
      { cwd: dir, encoding: 'utf8' },
    );
    expect({ status, errors: stderr.match(/^collide: .*$/m) }).toEqual({ status: 0, errors: null });
    const { verdicts } = JSON.parse(stdout) as { readonly verdicts: readonly Verdict[] };
    expect(verdicts.map(({ target, classes }) => [target, ...classes])).toEqual([
      ['build-number'],
      ['settings', 'LAST_WRITER_WINS', 'TORN_STATE'],
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the scenario of the README runs, and has the verdicts that it says', async () => {
  const example = /```ts\n(\/\/ scenarios\/[\s\S]*?)```/.exec(readme)![1]!;
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  try {
    const file = join(dir, 'visit-counter.ts');
    const source = example.replaceAll("'../harness/", `'${harness}`);
    writeFileSync(
      file,
      `${source.replace('export default', 'const scenario =')}\nexport const catalogue = [scenario];\n`,
    );
    const { catalogue } = (await import(file)) as { readonly catalogue: readonly Scenario[] };
    const options = { scenarios: catalogue, catalogue: file, writers: 2, modes: ['shared'], seed: 1, dir } as const;
    const limits = { engine: 'storm', rounds: 3, budgetMs: 600_000 } as const;
    const { verdicts } = await runCampaign({ ...options, ...limits }, new AbortController().signal, () => {});
    expect(verdicts.map(({ strategy, counts }) => [strategy, counts.acknowledged])).toEqual([
      ['rmw', 48],
      ['append', 48],
    ]);
    expect(verdicts.find(({ strategy }) => strategy === 'append')!.findings).toEqual([]);
    expect(verdicts.some(({ status }) => status === 'BROKEN_ALONE')).toBe(false);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

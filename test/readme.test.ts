/** What the README shows must work as it stands there. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCampaign } from '../harness/campaign/campaign.ts';
import { packageRoot } from '../harness/scenario/command.ts';
import type { Scenario } from '../harness/scenario/scenario.ts';

test('the scenario of the README runs, and has the verdicts that it says', async () => {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const example = /```ts\n(\/\/ scenarios\/[\s\S]*?)```/.exec(readme)![1]!;
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  try {
    const harness = new URL('../harness/', import.meta.url).href;
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

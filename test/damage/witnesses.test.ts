/** The proof that a diagnosis is right: what each kind is said to come from is made again, and diagnosed as that kind. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { damageIn } from '../../harness/damage/examine.ts';
import { formatOf } from '../../harness/damage/formats.ts';
import { type DamageKind, damageKinds, kindOf, type Shape } from '../../harness/damage/kinds.ts';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { castOf } from '../../harness/explore/replay.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import { inMemory } from '../../harness/schedule/sandbox.ts';
import { catalogue } from '../../scenarios/index.ts';
import { onLinux } from '../support/explore-stage.ts';

const witnesses = (Object.keys(damageKinds) as DamageKind[]).flatMap((kind) =>
  Object.entries(kindOf(kind).witness ?? {}).map(([shape, witness]) => ({ kind, shape: shape as Shape, witness })),
);
// Sessions that were killed are made anew: last, that is waited for once.
const quickFirst = witnesses.toSorted((a, b) => Number(a.witness.includes('~')) - Number(b.witness.includes('~')));

const noFlock = (await missingNeed(['flock(2)'])) !== undefined;

test.each(witnesses)('$witness, of $kind, is in the catalogue', ({ witness }) => {
  expect(() => castOf(witness, catalogue)).not.toThrow();
});

describe.skipIf(!onLinux || noFlock)('made again from its witness', () => {
  let sandbox: string;
  let explorers: Explorers;
  beforeAll(async () => {
    sandbox = mkdtempSync(join(inMemory() ?? tmpdir(), 'collide-test-'));
    const url = new URL('../../scenarios/index.ts', import.meta.url).href;
    explorers = await startExplorers({ catalogue: url, sandbox, count: 1 });
  });
  afterAll(async () => {
    await explorers?.close();
    rmSync(sandbox, { recursive: true });
  });

  test.each(quickFirst)('$kind of a $shape: $witness', async ({ kind, shape, witness }) => {
    const { diverged, execution } = await explorers.replay({ witness, times: 1 });
    expect(diverged).toEqual([]);
    const damages = Object.entries(execution.final).flatMap(([path, text]) => {
      const bytes = Buffer.from(text);
      const format = formatOf(path, bytes);
      return format === undefined || format === 'sqlite' ? [] : damageIn(bytes, format);
    });
    // A piece that was put into another one's place is found at both ends.
    expect([...new Set(damages.map((each) => `${each.kind} of a ${each.shape}`))]).toEqual([`${kind} of a ${shape}`]);
  });
});

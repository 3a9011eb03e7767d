import { describe, expect, test } from 'vitest';
import { onProduct, planRows } from '../../harness/campaign/plan.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { wellBehaved } from '../support/catalogue.ts';

const one = (details: Partial<Scenario> = {}): Scenario => ({
  ...wellBehaved,
  strategies: { append: wellBehaved.strategies.append! },
  ...details,
});

describe('a row', () => {
  test.each([
    [{}, 4, 4],
    [{ writersMax: 2 }, 4, 2],
    [{ writersMin: 3 }, 2, 3],
    [{ writersMin: 3 }, 5, 5],
    [{ writersMin: 3, writersMax: 3 }, 64, 3],
  ])('of a scenario with %j and %i writers asked for has %i', async (details, asked, had) => {
    const rows = await planRows([one(details)], asked, ['shared']);
    expect(rows.map(({ writers }) => writers)).toEqual([had]);
  });

  test('is planned for each mode, and once under a topology', async () => {
    const modes = async (...topology: ['with-vanilla'] | []) =>
      (await planRows([one({ touchedBy: 'sessions with hooks' })], 4, ['shared', 'per-session'], ...topology)).map(
        ({ mode, writers }) => `${mode} ${writers}`,
      );
    expect(await modes()).toEqual(['shared 4', 'per-session 4']);
    expect(await modes('with-vanilla')).toEqual(['alone 1']);
  });

  test('says what it lacks here', async () => {
    const { append } = wellBehaved.strategies;
    const [row] = await planRows([one({ strategies: { append: { ...append!, needs: ['no-such-program'] } } })], 2, [
      'shared',
    ]);
    expect(row!.skipped).toBe('needs no-such-program, which is not on PATH');
  });

  test('keeps its truth on a product of which nothing else is known', async () => {
    const other = { truth: ['LAST_WRITER_WINS'], why: 'it reads and writes apart' } as const;
    const { append } = wellBehaved.strategies;
    const scenario = one({ strategies: { append: { ...append!, onProduct: { Other: other } } } });
    const [row] = await planRows([scenario], 2, ['shared']);
    expect(onProduct(row!, 'Another')).toEqual({ ...row, product: 'Another' });
    expect(onProduct(row!, 'Other')).toMatchObject({ product: 'Other', scenario: { strategies: { append: other } } });
    expect(row!.scenario.strategies.append!.truth).toBe('SAFE');
  });
});

import { expect, test } from 'vitest';
import { safetyWords } from '../../harness/report/safety.ts';
import { safetyOf } from '../../harness/verdict/tier.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { scenario } from '../support/scenario.ts';
import { colliding, unstormed, verdict } from '../support/verdict.ts';

const config = scenario({ id: 'config', fix: 'flock' });
const marker = scenario({ id: 'marker', fix: 'flock', isolated: ['DOUBLE_CONSUME'] });
const log = scenario({ id: 'log', priority: 'P2' });

const twice = (details: Partial<Verdict>) =>
  colliding({ DOUBLE_CONSUME: 1 }, { target: 'marker', mode: 'per-session', ...details });

test('says what is shared, the tier as found and with the fixes, the causes, and the rule', () => {
  const verdicts = [
    colliding({ LAST_WRITER_WINS: 1, TORN_STATE: 1 }, { target: 'config' }),
    verdict({ target: 'config' }),
    twice({}),
    twice({ strategy: 'flock' }),
    verdict({ target: 'log', strategy: 'rewrite', mode: 'per-session' }),
  ];
  expect(safetyWords(safetyOf('two-directories', [config, marker, log], verdicts), 100)).toMatchInlineSnapshot(`
    "Topology two-directories: every session works in a directory of its own; they share what lies below
      the home directory, in /tmp or in a service.
    As found: Dangerous, because of config (LAST_WRITER_WINS + TORN_STATE). 1 other target would make it
      Risky.
    With the fixes: Risky, because marker (DOUBLE_CONSUME) exists to coordinate sessions, and does not
      reach into another directory. Where sessions in different directories never go for the same thing:
      Safe.
    3 targets of this run. Dangerous: a P1 target collides. Risky: a P2 target collides, a target has no
      verdict, or one that exists to coordinate sessions does not reach them all. Safe: every target is
      SAFE."
  `);
});

test('names what nothing is known of, and what only own readers see', () => {
  const verdicts = [
    unstormed('SKIPPED', 'no jq', { target: 'config', strategy: 'rewrite' }),
    colliding({ TORN_STATE: 1 }, { target: 'log', mode: 'alone' }),
  ];
  const words = safetyWords(safetyOf('with-vanilla', [config, log, marker], verdicts), 1000);
  expect(words).toContain(
    'As found: Risky, because of log (TORN_STATE, seen by its own reader); ' +
      'nothing is known of config (SKIPPED), marker (not run).',
  );
});

test('is Safe without a reason', () => {
  const words = safetyWords(safetyOf('same-directory', [log], [verdict({ target: 'log', strategy: 'rewrite' })]), 1000);
  expect(words).toContain('\nAs found: Safe.\nWith the fixes: Safe.\n1 target of this run. ');
});

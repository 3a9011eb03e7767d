import { describe, expect, test } from 'vitest';
import { selectTargets, UnknownTarget } from '../../harness/scenario/select.ts';
import { scenario } from '../support/scenario.ts';

const catalogue = [
  scenario({ id: 'session-log', priority: 'P2' }),
  scenario({ id: 'override-token' }),
  scenario({ id: 'session-lock' }),
  scenario({ id: 'bash-override-token' }),
];

const selected = (...targets: readonly string[]): readonly string[] =>
  selectTargets(catalogue, targets).map(({ id }) => id);

describe('selectTargets', () => {
  test.each<[string, readonly string[]]>([
    ['all', ['session-log', 'override-token', 'session-lock', 'bash-override-token']],
    ['P1', ['override-token', 'session-lock', 'bash-override-token']],
    ['P2', ['session-log']],
    ['session-lock', ['session-lock']],
    ['override-token', ['override-token']],
    ['session-*', ['session-log', 'session-lock']],
    ['*-token', ['override-token', 'bash-override-token']],
    ['session-lo{g,ck}', ['session-log', 'session-lock']],
  ])('takes %s', (target, ids) => {
    expect(selected(target)).toEqual(ids);
  });

  test("takes several targets, each scenario once, in the catalogue's order", () => {
    expect(selected('bash-override-token', 'session-*', 'P2', 'session-log')).toEqual([
      'session-log',
      'session-lock',
      'bash-override-token',
    ]);
  });

  test('takes nothing where nothing is asked for', () => {
    expect(selected()).toEqual([]);
  });

  test('refuses a name that matches nothing, though others do, and says what is close', () => {
    expect(() => selected('all', 'session-lok')).toThrow(UnknownTarget);
    expect(() => selected('all', 'session-lok')).toThrow(
      "no target is called 'session-lok'. Did you mean session-log or session-lock?",
    );
  });

  test('refuses a glob that matches nothing, and a name that nothing is close to', () => {
    const hint = 'See `collide list` for the targets there are.';
    expect(() => selected('*.json')).toThrow(`no target is called '*.json'. ${hint}`);
    expect(() => selected('P3')).toThrow(`no target is called 'P3'. ${hint}`);
  });

  test('refuses a priority that no scenario has', () => {
    expect(() => selectTargets([scenario()], ['P2'])).toThrow(UnknownTarget);
  });
});

test("an empty target is the caller's mistake", () => {
  expect(() => selectTargets([scenario()], [''])).toThrow("no target is called ''");
});

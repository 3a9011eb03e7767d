/** A configuration is right, or the message names the key, the value, and what was expected. */

import { describe, expect, test } from 'vitest';
import { checked } from '../../harness/config/schema.ts';

const target = { id: 'n', commands: 'true' };

test.each<readonly [string, object]>([
  ['nothing', { targets: [] }],
  ['commands', { targets: [target] }],
  ['a list of commands', { targets: [{ ...target, commands: ['a', 'b'] }] }],
  ['a function', { targets: [{ id: 'n', session: () => {} }] }],
  ['a module', { targets: [{ id: 'n', session: { module: './a.ts', export: 'bump' } }] }],
  [
    'all that can be said',
    {
      writers: 3,
      engine: 'storm',
      rounds: 10,
      budget: '1.5s',
      require: 'bounded',
      maxRate: '1%',
      seed: 7,
      dir: '/mnt',
      out: 'o',
      topology: 'same-directory',
      targets: [
        {
          ...target,
          priority: 'P2',
          resource: 'a number',
          files: { 'a/b': '' },
          dir: '.',
          home: 'h',
          watch: ['*.json'],
          writers: 4,
          expect: [
            'serial',
            { counter: 'n', path: '$.n', from: 1 },
            { json: 'f', equals: null },
            () => undefined,
            { module: 'x' },
          ],
          truth: ['TORN_STATE'],
          place: 'home',
          touchedBy: 'sessions with hooks',
        },
      ],
    },
  ],
])('%s', (_, config) => {
  expect(checked(config, 'c')).toBe(config);
});

describe('of what is wrong, the message is', () => {
  test.each<readonly [unknown, string]>([
    [{}, 'c: targets is missing: expected array'],
    [{ targets: {} }, 'c: targets is {}: expected array'],
    [{ targets: [], writer: 4 }, "c: has no key called 'writer'"],
    [{ targets: [], writers: 1 }, 'c: writers is 1: too small: expected number to be >=2'],
    [{ targets: [], maxRate: 5 }, 'c: maxRate is 5: expected a share between 0 and 1, such as 5% or 0.05'],
    [{ targets: [], maxRate: '5' }, 'c: maxRate is "5": expected a share between 0 and 1, such as 5% or 0.05'],
    [{ targets: [], budget: '5' }, 'c: budget is "5": expected a time such as 500ms, 45s, 2m or 1h'],
    [{ targets: [], budget: '0s' }, 'c: budget is "0s": expected a time such as 500ms, 45s, 2m or 1h'],
    [{ targets: [], engine: 'fast' }, 'c: engine is "fast": expected one of "both"|"explore"|"storm"'],
    [
      { targets: [{ id: 'No!', commands: 'a' }] },
      'c: targets[0].id is "No!": expected lower case, digits and dashes, such as deploy-counter',
    ],
    [
      { targets: [{ id: 'n' }] },
      'c: targets[0]: expected commands or session (or strategies): what do its sessions do?',
    ],
    [
      { targets: [{ ...target, session: () => {} }] },
      'c: targets[0]: has both session and commands, and can have one of them only',
    ],
    [{ targets: [target, target] }, "c: two targets are called 'n'"],
    [{ targets: [{ ...target, comands: 'b' }] }, "c: targets[0] has no key called 'comands'"],
    [
      { targets: [{ ...target, files: { '../a': '' } }] },
      'c: targets[0].files.../a is "": expected a path within the directory',
    ],
    [
      { targets: [{ ...target, truth: ['LOST'] }] },
      /^c: targets\[0\]\.truth is \["LOST"\]: expected 'SAFE', or a list of LAST_WRITER_WINS/,
    ],
    [
      { targets: [{ ...target, expect: [{ count: 'n' }] }] },
      /^c: targets\[0\]\.expect\[0\] is \{"count":"n"\}: expected 'serial', 'all-succeed', a function, or an object with one of counter/,
    ],
    [
      { targets: [{ ...target, commands: ['a'] }] },
      'c: targets[0].commands is ["a"]: too small: expected array to have >=2 items',
    ],
  ] as readonly (readonly [unknown, string])[])('%j', (config, message) => {
    expect(() => checked(config, 'c')).toThrow(message);
  });
});

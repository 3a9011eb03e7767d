/** Made-up commands, and what came of them: each outcome must get the class that explains it. */

import { describe, expect, test } from 'vitest';
import type { Execution, Files, Operation } from '../../harness/history/execution.ts';
import { formatOf } from '../../harness/oracle/formats.ts';
import { type SerialRun, serialEquivalence, specificationOf, toldApart } from '../../harness/oracle/serial.ts';
import { execution, write } from '../support/execution.ts';

interface Did {
  readonly output?: unknown;
  readonly outcome?: Operation['outcome'];
}

/** What a command does to the files, and what it answers. */
type Command = (files: Record<string, string>) => Did;

function serial(commands: readonly Command[], before: Files, order: readonly number[]): SerialRun {
  const files = { ...before };
  const operations: Operation[] = [];
  const after = [execution({ final: { ...files } })];
  for (const session of order) {
    operations.push(write(session, 0, commands[session]!(files)));
    after.push(execution({ operations: [...operations], final: { ...files } }));
  }
  return { order, after };
}

const orders = [
  [0, 1],
  [1, 0],
];

/** The oracle of two commands; `alike`: both have the same text. */
function judging(commands: readonly [Command, Command], before: Files, alike = false) {
  const names = alike ? ['same', 'same'] : ['first', 'second'];
  const runs = [...orders, ...orders].map((order) => serial(commands, before, order));
  const oracle = serialEquivalence(specificationOf(runs, names));
  return (final: Files, ...did: readonly Did[]): readonly string[] => {
    const operations = did.map((each, session) => write(session, 0, each));
    return oracle(execution({ operations, final })).map(({ class: kind, message }) => `${kind}: ${message}`);
  };
}

const ok: Did = { output: '' };
const failed: Did = { outcome: 'refused', output: '' };

const increment: Command = (files) => {
  files.n = String(Number(files.n) + 1);
  return ok;
};

describe('two increments', () => {
  const judge = judging([increment, increment], { n: '0' }, true);

  test('are right where the counter counts both', () => {
    expect(judge({ n: '2' }, ok, ok)).toEqual([]);
  });

  test('of which one was refused are right where it counts one', () => {
    expect(judge({ n: '1' }, ok, failed)).toEqual([]);
    expect(judge({ n: '0' }, failed, failed)).toEqual([]);
  });

  test('lose one', () => {
    expect(judge({ n: '1' }, ok, ok)).toEqual([
      'LAST_WRITER_WINS: 1 of 2 updates is gone, though success was reported: the files are what one of the commands leaves',
    ]);
  });

  test('lose one that was not the one that was refused', () => {
    expect(judge({ n: '0' }, ok, failed)[0]).toMatch(/^LAST_WRITER_WINS: /);
  });

  test('leave an empty file', () => {
    expect(judge({ n: '' }, ok, ok)).toEqual(['TORN_STATE: n was left empty']);
  });

  test('count three', () => {
    expect(judge({ n: '3' }, ok, ok)).toEqual(['NOT_SERIALIZABLE: n is "3", and after any order it is "2"']);
  });
});

describe('two commands that differ', () => {
  const set =
    (key: string): Command =>
    (files) => {
      files['s.json'] = JSON.stringify({ ...JSON.parse(files['s.json']!), [key]: 1 });
      return ok;
    };
  const judge = judging([set('a'), set('b')], { 's.json': '{}' });

  test('are right in any order', () => {
    expect(judge({ 's.json': '{"a":1,"b":1}' }, ok, ok)).toEqual([]);
    expect(judge({ 's.json': '{"b":1,"a":1}' }, ok, ok)).toEqual([]);
  });

  test('lose the update of one, which is named', () => {
    expect(judge({ 's.json': '{"b":1}' }, ok, ok)).toEqual([
      'LAST_WRITER_WINS: the update of s0 is gone, though success was reported: the files are what the other one leaves without it',
    ]);
  });

  test('tear the file', () => {
    expect(judge({ 's.json': '{"a":1}}' }, ok, ok)).toEqual(['TORN_STATE: s.json is no JSON any more: "{\\"a\\":1}}"']);
  });
});

describe('commands that claim', () => {
  const claim: Command = (files) => {
    if (files.token === undefined) return failed;
    delete files.token;
    return ok;
  };
  const judge = judging([claim, claim], { token: '' }, true);

  test('are right where one gets it', () => {
    expect(judge({}, ok, failed)).toEqual([]);
    expect(judge({}, failed, ok)).toEqual([]);
  });

  test('get it twice', () => {
    expect(judge({}, ok, ok)).toEqual(['DOUBLE_CONSUME: s0 and s1 succeeded, and one after another only one does']);
  });
});

describe('commands that print', () => {
  const next: Command = (files) => {
    files.last = String(Number(files.last) + 1);
    return { output: files.last };
  };
  const judge = judging([next, next], { last: '0' }, true);

  test('a number each', () => {
    expect(judge({ last: '2' }, { output: '1' }, { output: '2' })).toEqual([]);
    expect(judge({ last: '2' }, { output: '2' }, { output: '1' })).toEqual([]);
  });

  test('the same number', () => {
    expect(judge({ last: '2' }, { output: '2' }, { output: '2' })).toEqual([
      'DUPLICATE_KEY: s0 and s1 all got "2", and one after another no two do',
    ]);
  });
});

describe('commands that append', () => {
  const append =
    (line: string): Command =>
    (files) => {
      files.log = `${files.log}${line}\n`;
      return ok;
    };
  const judge = judging([append('first line'), append('second line')], { log: 'begin\n' });

  test('splice lines', () => {
    expect(judge({ log: 'begin\nfirst second line\nline\n' }, ok, ok)[0]).toMatch(
      /^TORN_LINES: log has lines that nobody wrote/,
    );
  });

  test('write a line twice', () => {
    expect(judge({ log: 'begin\nfirst line\nsecond line\nfirst line\n' }, ok, ok)).toEqual([
      'DUPLICATE_ENTRY: log has a line more often than any order leaves it: "first line"',
    ]);
  });
});

test('what two runs of one order differ in does not count', () => {
  let clock = 100;
  const stamped: Command = (files) => {
    files.at = `at=${clock++}\nn=${Number(/n=(\d+)/.exec(files.at!)![1]) + 1}\n`;
    return { output: `took ${clock} ms` };
  };
  const judge = judging([stamped, stamped], { at: 'at=0\nn=0\n' }, true);
  expect(judge({ at: 'at=777\nn=2\n' }, { output: 'took 5 ms' }, { output: 'took 6 ms' })).toEqual([]);
  expect(judge({ at: 'at=777\nn=1\n' }, { output: 'took 5 ms' }, { output: 'took 6 ms' })[0]).toMatch(
    /^LAST_WRITER_WINS/,
  );
});

describe('what differs from run to run, and is the same in several places', () => {
  let drawn = 4711;
  const twice: Command = (files) => {
    files.b = files.a = `${drawn++}\n`;
    return { output: `${drawn - 1}` };
  };
  const judge = judging([twice, twice], {});

  test('is the same there', () => {
    expect(judge({ a: '99999\n', b: '99999\n' }, { output: '5555' }, { output: '99999' })).toEqual([]);
    expect(judge({ a: '99998\n', b: '99999\n' }, { output: '99998' }, { output: '99999' })).toEqual([
      'NOT_SERIALIZABLE: b is "≠\\n", and after any order it is "%\\n"; ≠ is not what another place holds, and one after another it is',
    ]);
  });

  test('is so after as many sessions as there were', () => {
    const noting: Command = (files) => {
      files.last = `${drawn++}\n`;
      files.log = `${files.log ?? ''}${files.last}`;
      return ok;
    };
    const names = ['same', 'same', 'same'];
    const runs = [0, 1, 2, 3].map(() => serial([noting, noting, noting], {}, [0, 1, 2]));
    const oracle = serialEquivalence(specificationOf(runs, names));
    const found = (final: Files, ...did: readonly Did[]): number =>
      oracle(execution({ operations: did.map((each, session) => write(session, 0, each)), final })).length;
    expect(found({ last: '5552\n', log: '5551\n5552\n' }, ok, ok)).toBe(0);
    expect(found({ last: '5551\n', log: '5551\n5552\n' }, ok, ok)).toBe(1);
    expect(found({ last: '5551\n', log: '5551\n' }, ok, failed)).toBe(0);
  });

  test.each([
    ['seconds', (n: number) => `${1763712000 + n}`],
    ['a date', (n: number) => new Date(1763712000000 + n * 1000).toISOString()],
    ['an hour', (n: number) => `08${10 + n}59`],
    ['a counter', (n: number) => `${n + 10}`],
    ['one of few', (n: number) => ['true', 'false', 'maybe'][n % 3]!],
  ])('does not count where it may be so by chance: %s', (_, textAt) => {
    let at = 0;
    const noting: Command = (files) => {
      files.a = files.b = textAt(at++);
      return ok;
    };
    const same = judging([noting, noting], {});
    expect(same({ a: textAt(40), b: textAt(41) }, ok, ok)).toEqual([]);
  });
});

test('a file that is called otherwise each time is the same', () => {
  const names = ['q1w2e3', 'r4t5z6', 'u7i8o9', 'p1a2s3', 'd4f5g6', 'h7j8k9', 'y1x2c3', 'v4b5n6'];
  const leaves: Command = (files) => {
    files[`tmp.${names.pop()}`] = 'left';
    return ok;
  };
  const judge = judging([leaves, () => ok], {});
  expect(judge({ 'tmp.zzzzzz': 'left' }, ok, ok)).toEqual([]);
  expect(judge({}, ok, ok)[0]).toMatch(/^LAST_WRITER_WINS/);
});

test('of an execution with some of the sessions, the orders of those count', () => {
  const runs = [...orders, ...orders].map((order) => serial([increment, increment], { n: '0' }, order));
  const oracle = serialEquivalence(specificationOf(runs, ['a', 'b']));
  const alone = (final: Files): Execution => execution({ operations: [write(1, 0, ok)], final });
  expect(oracle(alone({ n: '1' }))).toEqual([]);
  expect(oracle(alone({ n: '0' }))[0]!.class).toBe('LAST_WRITER_WINS');
});

test.each([
  ['a.json', '{}', '{', 'TORN_STATE'],
  ['a.jsonl', '{}\n', '{}\n{"a":\n', 'TORN_LINES'],
  ['a.yaml', 'a: 1\n', 'a: [1\n', 'TORN_STATE'],
  ['a.toml', 'a = 1\n', 'a = \n', 'TORN_STATE'],
  ['db (SQLite)', 'CREATE TABLE t(a)\n', 'malformed: no', 'TORN_STATE'],
  ['state', '{"a":1}', '{"a":', 'TORN_STATE'],
  ['.env', 'A=1\n# of the day\nexport B=\n', 'A=1\nB', 'TORN_STATE'],
  ['journal', '{"a":1}\n{"a":2}\n', '{"a":1}\n{"a":\n', 'TORN_LINES'],
  ['config', 'clusters:\n- name: a\n', 'clusters: [\n', 'TORN_STATE'],
  ['credentials', '[default]\nkey = a\n', '[default]\nke', 'TORN_STATE'],
  ['.gitconfig', '[core]\n\tbare\n\teditor = vi\n', '[core]\n[us', 'TORN_STATE'],
  ['settings', '[server]\nport = 1\nhosts = ["a", "b"]\n', '[server]\nport', 'TORN_STATE'],
  ['pyproject', 'name = "a"\n[tool.x]\ny = 1\n', 'name = "a', 'TORN_STATE'],
])('%s that is %j is known to be broken as %j', (path, well, broken, kind) => {
  const format = formatOf(path, [well]);
  expect(format?.unreadable(well)).toEqual([]);
  expect(format?.unreadable(broken)).toHaveLength(1);
  expect(format?.torn).toBe(kind);
});

test.each<readonly [string, readonly string[]]>([
  ['Dockerfile', ['FROM node:22\nRUN npm ci\n']],
  ['notes', ['# Notes: of today\nbuy milk\n']],
  ['log', ['s0: done\n', 's0: done\ns1: done\n']],
  ['log', ['', 'a=1\n', 'a=1\nb=2\n']],
  ['hosts', ['127.0.0.1 localhost\n']],
  ['list', ['- a\n', '- a\n- b\n']],
  ['empty', ['', '']],
])('%s that is %j is lines', (path, contents) => {
  expect(formatOf(path, contents)).toBeUndefined();
});

test('what was empty at first is known by what it becomes', () => {
  expect(formatOf('config', ['', 'n: 1\n', 'n: 2\n'])?.name).toBe('YAML');
  expect(formatOf('config', ['', '{"n":1}'])?.name).toBe('JSON');
});

describe('a configuration without an extension', () => {
  const clusters = (names: readonly string[]): string =>
    `apiVersion: v1\nclusters:\n${names.map((name) => `- name: ${name}\n  server: https://${name}\n`).join('')}`;
  const namesIn = (text: string): readonly string[] => Array.from(text.matchAll(/name: (.*)/g), ([, name]) => name!);
  const add =
    (name: string): Command =>
    (files) => {
      files.config = clusters([...namesIn(files.config!), name]);
      return ok;
    };
  const judge = judging([add('staging'), add('test')], { config: clusters(['production']) });

  test('from which clusters are wiped has lost them, and is not torn', () => {
    expect(judge({ config: clusters(['test']) }, ok, ok)[0]).toMatch(/^NOT_SERIALIZABLE: config is /);
    expect(judge({ config: clusters(['production', 'test']) }, ok, ok)[0]).toMatch(/^LAST_WRITER_WINS/);
  });

  test('is torn where it was cut, left empty, or can not be read', () => {
    const all = clusters(['production', 'staging', 'test']);
    expect(judge({ config: all.slice(0, -6) }, ok, ok)[0]).toMatch(/^TORN_STATE: config is cut off: it ends with /);
    expect(judge({ config: '' }, ok, ok)).toEqual(['TORN_STATE: config was left empty']);
    expect(judge({ config: `${all}  - [` }, ok, ok)[0]).toMatch(/^TORN_STATE: config is no YAML any more/);
  });
});

test('what is no JSON from the beginning is not taken for it', () => {
  expect(formatOf('a.json', ['{', '{}'])).toBeUndefined();
  expect(formatOf('n', ['1', '2'])).toBeUndefined();
});

const append =
  (text: string): Command =>
  (files) => {
    files.log += `${text}\n`;
    return ok;
  };

describe('sessions with the same command', () => {
  const each = (command: (session: number) => Command): readonly SerialRun[] =>
    [[0, 1], [1], [0, 1], [1]].map((order) => serial([command(0), command(1)], { log: '' }, order));
  const names = ['same', 'same'];

  test('are interchangeable where each does the same', () => {
    expect(
      toldApart(
        each(() => append('x')),
        names,
      ),
    ).toEqual(names);
  });

  test('are told apart by what they leave, and by what they answer', () => {
    const numbered = ['same (s0)', 'same (s1)'];
    expect(
      toldApart(
        each((session) => append(String(session))),
        names,
      ),
    ).toEqual(numbered);
    expect(
      toldApart(
        each((session) => () => ({ output: String(session) })),
        names,
      ),
    ).toEqual(numbered);
  });

  test('are not told apart by what differs each time', () => {
    let drawn = 0;
    expect(
      toldApart(
        each(() => () => ({ output: `pid ${++drawn * 7919}` })),
        names,
      ),
    ).toEqual(names);
  });
});

test('however many were refused, the rest is held against the orders', () => {
  const names = Array.from({ length: 40 }, () => 'same');
  const runs = [
    serial(
      names.map(() => increment),
      { n: '0' },
      [...names.keys()],
    ),
  ];
  const oracle = serialEquivalence(specificationOf([...runs, ...runs], names));
  const operations = names.map((_, session) => write(session, 0, session < 3 ? ok : failed));
  expect(oracle(execution({ operations, final: { n: '3' } }))).toEqual([]);
  expect(oracle(execution({ operations, final: { n: '2' } }))).toMatchObject([{ class: 'LAST_WRITER_WINS' }]);
});

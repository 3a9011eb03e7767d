/** What is accused, and what is not: the second list is the more important one. */

import { describe, expect, test } from 'vitest';
import { isLockName, pidIn } from '../../harness/life/locks.ts';
import type { LockSeen } from '../../harness/life/sighting.ts';
import { type Happening, inWords, lifeOf, versions } from '../support/life.ts';

const list = (...members: readonly string[]): string => JSON.stringify({ members });
const map = (...keys: readonly string[]): string =>
  JSON.stringify({ projects: Object.fromEntries(keys.map((key) => [key, { history: [`first of ${key}`] }])) });
const lines = (...ids: readonly string[]): string => ids.map((id) => `{"id":"${id}"}\n`).join('');
const lock: LockSeen = { path: 'a.lock', ageMs: 3_600_000, directory: false, held: false };
const looks = (...locks: readonly LockSeen[]): Happening => ({ locks });

describe('seen', () => {
  test.each<[string, readonly Happening[], readonly string[]]>([
    ['a file that is empty for a moment', versions('s.json', '{"n":1}', '', '{"n":2}'), ['torn TORN_STATE s.json']],
    [
      'the tail of a longer version, which stays',
      versions('s.json', '{"n":1,"m":2}', '{"n":3}"m":2}'),
      ['torn TORN_STATE s.json'],
    ],
    ['YAML that is empty for a moment', versions('s.yaml', 'n: 1\n', '', 'n: 2\n'), ['torn TORN_STATE s.yaml']],
    [
      'TOML that is cut for a moment',
      versions('s.toml', 'n = 1\n', 'n = 1\nm = "', 'n = 1\nm = "a"\n'),
      ['torn TORN_STATE s.toml'],
    ],
    [
      'torn twice in the same way: once',
      versions('s.json', '{"n":1}', '', '{"n":2}', '', '{"n":3}'),
      ['torn TORN_STATE s.json'],
    ],
    [
      'a record in another one',
      versions('l.jsonl', lines('a'), `${lines('a')}{"id":"b{"id":"c"}\n"}\n`),
      ['torn-ledger TORN_LINES l.jsonl'],
    ],
    [
      'zeros in a ledger',
      versions('l.jsonl', lines('a'), `${lines('a')}\0\0\0${lines('b')}`),
      ['torn-ledger CORRUPT_ON_CRASH l.jsonl'],
    ],
    [
      'a last line that nobody ends',
      versions('l.jsonl', lines('a'), `${lines('a')}{"id":`),
      ['torn-ledger TORN_LINES l.jsonl'],
    ],
    [
      'a member that vanishes',
      versions('s.json', list('a'), list('a', 'b'), list('a', 'c')),
      ['vanished LAST_WRITER_WINS s.json (likely)'],
    ],
    [
      'several that vanish, by a writer that had read long before',
      versions('s.json', list('a'), list('a', 'b'), list('a', 'b', 'c'), list('a', 'd')),
      ['vanished LAST_WRITER_WINS s.json (likely)'],
    ],
    [
      'a key that vanishes from where keys come to stay',
      versions(
        's.json',
        map('one', 'two'),
        map('one', 'two', 'three'),
        map('one', 'two', 'three', 'four'),
        map('one', 'two', 'three', 'five'),
      ),
      ['vanished LAST_WRITER_WINS s.json (likely)'],
    ],
    [
      'a line that vanishes',
      versions('l.jsonl', lines('a'), lines('a', 'b'), lines('a', 'c')),
      ['vanished LAST_WRITER_WINS l.jsonl (likely)'],
    ],
    [
      'a member that vanishes by a rename',
      [list('a'), list('a', 'b'), list('a', 'c')].map((text) => ({ rename: 's.json', text })),
      ['vanished LAST_WRITER_WINS s.json (likely)'],
    ],
    ['a number that goes back', versions('n', '41', '42', '43', '42'), ['went-back LAST_WRITER_WINS n (likely)']],
    [
      'a number in JSON that goes back',
      versions('s.json', '{"fireCount":41}', '{"fireCount":42}', '{"fireCount":44}', '{"fireCount":43}'),
      ['went-back LAST_WRITER_WINS s.json (likely)'],
    ],
    [
      'a lock of a process that is gone',
      [{ name: 'a.lock' }, looks({ ...lock, pid: 4242, alive: false })],
      ['stale-lock STUCK a.lock (likely)'],
    ],
    [
      'a lock of git',
      [{ name: '.git/index.lock' }, looks({ ...lock, path: '.git/index.lock' })],
      ['stale-lock STUCK .git/index.lock (likely)'],
    ],
    [
      'a directory that is a lock',
      [{ name: 'a.lock' }, looks({ ...lock, directory: true })],
      ['stale-lock STUCK a.lock (likely)'],
    ],
    [
      'a lock that used to come and go',
      [{ name: 'a.lock' }, { remove: 'a.lock' }, { name: 'a.lock' }, looks(lock)],
      ['stale-lock STUCK a.lock (likely)'],
    ],
    [
      'backups of what somebody finds corrupt',
      Array.from({ length: 12 }, (_, at) => ({ name: `s.json.corrupt.${at}` })),
      ['pile TORN_STATE s.json (likely)'],
    ],
    ['leftovers', Array.from({ length: 12 }, (_, at) => ({ name: `s.json.tmp.${at}` })), ['pile - s.json']],
  ])('%s', (_, happenings, expected) => {
    expect(lifeOf(happenings).map(inWords)).toEqual(expected);
  });
});

describe('never accused', () => {
  test.each<[string, readonly Happening[]]>([
    ['a file that is being made', [{ write: 'b.json', text: '1' }, ...versions('s.json', '', '{"n":', '{"n":1}')]],
    ['one that is made empty, and waits', [{ write: 'b.json', text: '1' }, ...versions('s.json', '')]],
    [
      'a file that another one takes the place of',
      [
        { write: 's.json', text: '{"n":1}' },
        { rename: 's.json', text: '' },
        { write: 's.json', text: '{"n":2}' },
      ],
    ],
    [
      'an editor: renamed to a backup, and made anew',
      [
        { write: 's.json', text: '{"n":1}' },
        { name: 's.json~' },
        { remove: 's.json' },
        { write: 's.json', text: '' },
        { write: 's.json', text: '{"n":' },
        { write: 's.json', text: '{"n":2}' },
        { remove: 's.json~' },
      ],
    ],
    ['an edit that is not finished', versions('s.json', '{"n":1}', '{"n":1,, "m":2}', '{"n":1, "m":2}')],
    ['comments', versions('s.json', '{"n":1}', '// why\n{"n":1,}', '{"n":2}')],
    [
      'a line that is appended in two writes by one writer',
      versions('l.jsonl', lines('a'), `${lines('a')}{"id":`, lines('a', 'b')),
    ],
    ['damage that was there before', versions('l.jsonl', '{"a":1}{"b":1}\n', '{"a":1}{"b":1}\n{"c":1}\n')],
    ['log rotation: emptied', versions('l.jsonl', lines('a', 'b'), '', lines('c'))],
    [
      'log rotation: another file',
      [
        ...versions('l.jsonl', lines('a'), lines('a', 'b', 'c')),
        { remove: 'l.jsonl' },
        { rename: 'l.jsonl', text: lines('d') },
      ],
    ],
    [
      'a ledger that keeps its last lines',
      versions('l.jsonl', lines('a', 'b'), lines('a', 'b', 'c'), lines('b', 'c', 'd')),
    ],
    ['a deletion', versions('s.json', list('a'), list('a', 'b'), list('a'), list('a', 'c'))],
    [
      'a deletion long after',
      versions('s.json', list('a', 'b', 'c'), list('a', 'b'), list('a', 'b', 'd'), list('a', 'd', 'e')),
    ],
    [
      'what replaces something else, by hand, later',
      [
        { write: 's.json', text: list('a') },
        { write: 's.json', text: list('a', 'b') },
        { write: 's.json', text: list('a', 'c'), ms: 60_000 },
      ],
    ],
    [
      'a queue: one taken out, one put in',
      versions('s.json', list('a', 'b', 'c'), list('b', 'c', 'd'), list('c', 'd', 'e')),
    ],
    [
      'who has read the newest, and takes one out while adding',
      versions('s.json', list('a'), list('a', 'b'), list('a', 'b', 'c'), list('a', 'c', 'd')),
    ],
    [
      'a task that moves from one list to another',
      versions(
        's.json',
        '{"todo":["a"],"done":["x"]}',
        '{"todo":["a","b"],"done":["x"]}',
        '{"todo":["a","c"],"done":["x","b"]}',
      ),
    ],
    ['one slot that is filled anew', versions('s.json', list(), list('a'), list('b'), list('c'))],
    ['fields that come and go', versions('s.json', '{"id":1}', '{"id":1,"running":"x"}', '{"id":1,"error":"y"}')],
    [
      'a state that changes to and fro',
      versions('s.json', '{"busy":false,"n":5}', '{"busy":true,"n":5}', '{"busy":false,"n":6}'),
    ],
    [
      'an older version that is put back',
      versions('s.json', list('a'), list('a', 'b'), list('a', 'b', 'c'), list('a', 'b')),
    ],
    ['a gauge', versions('s.json', '{"activeCount":2}', '{"activeCount":3}', '{"activeCount":4}', '{"activeCount":3}')],
    [
      'a number that says how many there are',
      versions(
        's.json',
        '{"count":2,"of":["a","b"]}',
        '{"count":3,"of":["a","b","c"]}',
        '{"count":4,"of":["a","b","c","d"]}',
        '{"count":3,"of":["a","b","c"]}',
      ),
    ],
    ['a counter that begins anew', versions('n', '41', '42', '43', '0')],
    [
      'git, which has moved',
      [...versions('s.json', list('a'), list('a', 'b')), { git: true }, { write: 's.json', text: list('a', 'c') }],
    ],
    [
      'git, which moves a moment later',
      [...versions('s.json', list('a'), list('a', 'b'), list('a', 'c')), { git: true, ms: 200 }],
    ],
    ['a lock that is in use', [{ name: 'a.lock' }, looks({ ...lock, pid: 4242, alive: true })]],
    ['a lock that a process has locked', [{ name: 'a.lock' }, looks({ ...lock, pid: 4242, alive: false, held: true })]],
    ['a file for flock(2), which stays there for ever', [{ name: 'a.lock' }, looks(lock)]],
    ['a lock that is young', [{ name: 'a.lock' }, looks({ ...lock, ageMs: 1000, pid: 4242, alive: false })]],
    [
      'backups of which the old ones go',
      Array.from({ length: 24 }, (_, at) =>
        at < 12
          ? { name: `s.json.bak.${at}` }
          : at % 2 === 0
            ? { remove: `s.json.bak.${at - 12}` }
            : { name: `s.json.bak.${at}` },
      ),
    ],
    [
      'temporary files that are renamed',
      Array.from({ length: 40 }, (_, at) =>
        at % 2 === 0 ? { name: `s.json.tmp.${at}` } : { remove: `s.json.tmp.${at - 1}` },
      ),
    ],
  ])('%s', (_, happenings) => {
    expect(lifeOf(happenings).map(({ kind, what }) => `${kind}: ${what}`)).toEqual([]);
  });
});

test('a torn state that mends itself says how long it was seen, with what was there before and after', () => {
  const [sighting] = lifeOf([
    { write: 's.json', text: '{"n":1}' },
    { write: 's.json', text: '' },
    { write: 's.json', text: '{"n":2}', ms: 3 },
  ]);
  expect(sighting).toMatchObject({
    sureness: 'certain',
    mendedMs: 3,
    damage: { kind: 'empty' },
    writer: { inPlace: true },
  });
  expect(sighting!.versions.map(({ role, bytes }) => [role, Buffer.from(bytes).toString()])).toEqual([
    ['before', '{"n":1}'],
    ['torn', ''],
    ['after', '{"n":2}'],
  ]);
});

test('an update that vanished says which, when, and what came instead', () => {
  const [sighting] = lifeOf(versions('s.json', list('a'), list('a', 'b'), list('a', 'c')));
  expect(sighting!.what).toBe(
    '"b" came 10 ms after the version that this one follows from, and vanished 10 ms later, when "c" came',
  );
  expect(sighting!.versions.map(({ role }) => role)).toEqual(['before', 'between', 'after']);
  expect(sighting!.writer).toEqual({ inPlace: true, at: ['members'] });
});

test.each(['yarn.lock', 'Cargo.lock', 'sub/poetry.lock', 'package-lock.json', 'block', 'a.locked'])(
  '%s is no lock',
  (path) => {
    expect(isLockName(path)).toBe(false);
  },
);

test.each(['a.lock', 'LOCK', 'lock', '.git/index.lock', 'daemon.pid', 'x/session-lock', 'state.json.lock'])(
  '%s is a lock',
  (path) => {
    expect(isLockName(path)).toBe(true);
  },
);

test.each([
  ['4242\n', 4242],
  ['{"pid":4242,"host":"a"}', 4242],
  ['pid: 4242', 4242],
  ['', undefined],
  ['owner: me', undefined],
  ['1', undefined],
])('the process id in %j is %s', (text, pid) => {
  expect(pidIn(text)).toBe(pid);
});

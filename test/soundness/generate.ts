/** Programs drawn at random, weighted towards what conflicts: few names, few contents, one theme each. */

import fc from 'fast-check';
import {
  callsOf,
  type Entry,
  type Flag,
  type Instruction,
  type Kind,
  kindsOf,
  type Line,
  type LockType,
  ordersOf,
  type Program,
  type Seen,
  type SessionProgram,
} from './program.ts';

/** Programs with more orders are not tried: uniform ones of three sessions have thousands. */
const ORDERS_MAX = 500;
const ORDERS_MIN = 2;

type Arb<T> = fc.Arbitrary<T>;
const one = <T>(...values: readonly T[]): Arb<T> => fc.constantFrom(...values);

const name = one('a', 'a', 'a', 'b');
const below = one('d/a', 'd/a', 'd/b');
const anywhere = one('a', 'a', 'b', 'd', 'd/a', 'l');
const slot = one(0, 0, 0, 1);
const text = one('x', 'yz');

const see = (...seen: readonly Seen[]): Arb<Instruction> =>
  fc.oneof(
    fc.record({ do: fc.constant('stat' as const), path: anywhere, see: one(...seen), follows: fc.boolean() }),
    fc.record({ do: fc.constant('fstat' as const), slot, see: one(...seen) }),
  );

const opening = (path: Arb<string>, ...flags: readonly (readonly Flag[])[]): Arb<Instruction> =>
  fc.record({ do: fc.constant('open' as const), slot: fc.constant(0), path, flags: one(...flags) });

const read: Arb<Instruction> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), slot, bytes: one(1, 4) }) },
  fc.record({ do: fc.constant('read' as const), slot, bytes: one(1, 2, 4), at: one(0, 1, 2, 4) }),
);
const write: Arb<Instruction> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), slot, data: one('x', 'yz', '=') }) },
  fc.record({ do: fc.constant('write' as const), slot, data: text, at: one(0, 1, 2, 4) }),
);
const truncating: Arb<Instruction> = fc.oneof(
  fc.record({ do: fc.constant('ftruncate' as const), slot, size: one(0, 1, 3) }),
  fc.record({ do: fc.constant('truncate' as const), path: name, size: one(0, 1, 3) }),
);
const seeking: Arb<Instruction> = fc.record({
  do: fc.constant('seek' as const),
  slot,
  to: one(0, 0, 1),
  from: one('start' as const, 'here' as const, 'end' as const, 'end' as const),
});
const dup: Arb<Instruction> = fc.record({ do: fc.constant('dup' as const), slot: fc.constant(0), to: fc.constant(2) });
const closing: Arb<Instruction> = fc.record({ do: fc.constant('close' as const), slot: fc.constant(0) });
const renaming = (path: Arb<string>): Arb<Instruction> =>
  fc.record({ do: fc.constant('rename' as const), from: path, path, replaces: one(true, true, false) });
const unlinking = (path: Arb<string>): Arb<Instruction> => fc.record({ do: fc.constant('unlink' as const), path });
const accessing = (path: Arb<string>, ...mode: readonly ('exists' | 'executable')[]): Arb<Instruction> =>
  fc.record({ do: fc.constant('access' as const), path, mode: one(...mode) });
const linking = (from: Arb<string>, path: Arb<string>): Arb<Instruction> =>
  fc.record({ do: fc.constant('link' as const), from, path });
const making: Arb<Instruction> = fc.record({ do: fc.constant('mkdir' as const), path: one('d', 'd', 'd/s', 'a') });
const removing: Arb<Instruction> = fc.record({ do: fc.constant('rmdir' as const), path: one('d', 'd', 'd/s') });
const creating = (path: Arb<string>): Arb<Instruction> =>
  opening(path, ['BOTH', 'CREAT'], ['WRITE', 'CREAT', 'EXCL'], ['WRITE', 'CREAT', 'TRUNC'], ['READ'], ['BOTH']);

const locking = (types: readonly LockType[]): Arb<Instruction> =>
  fc.record({ do: fc.constant('flock' as const), slot, type: one(...types), waits: one(true, true, false) });
const fcntl = (ofd: boolean): Arb<Instruction> =>
  fc
    .record({
      do: fc.constant('fcntl' as const),
      ofd: fc.constant(ofd),
      slot,
      type: one<LockType>('exclusive', 'exclusive', 'shared', 'none'),
      from: one(0, 0, 1, 2),
      length: one(1, 2, 3),
      waits: one(true, true, false),
    })
    .map(({ length, ...lock }) => ({ ...lock, to: lock.from + length }));

/** What the sessions of one program are drawn from, and what is open before. */
interface Theme {
  readonly weight: number;
  readonly instructions: readonly Arb<Instruction>[];
  readonly opened: readonly (readonly Flag[])[];
  /** What is opened is this directory. */
  readonly directory?: true;
  /** What a session often does as a whole. */
  readonly phrases?: readonly (readonly Line[])[];
}

const RW: readonly Flag[] = ['BOTH'];
const APPENDING: readonly Flag[] = ['BOTH', 'APPEND'];

const sees = see('size', 'type');

const lock = (type: LockType, slot = 0, waits = true): Line => ({ do: 'flock', slot, type, waits });
const range = (ofd: boolean, type: LockType, from: number, to: number, slot = 0): Line => ({
  do: 'fcntl',
  ...{ ofd, slot, type, from, to, waits: true },
});
const readAll: Line = { do: 'read', slot: 0, bytes: 4, at: 0 };
const writeBack: Line = { do: 'write', slot: 0, data: '=', at: 1 };
const put: Line = { do: 'write', slot: 0, data: 'x', at: 0 };

const phrasesOfRanges = (ofd: boolean): readonly (readonly Line[])[] => [
  [range(ofd, 'exclusive', 0, 2), readAll, writeBack],
  [range(ofd, 'shared', 0, 2), range(ofd, 'exclusive', 0, 2), put],
  [range(ofd, 'exclusive', 0, 1), range(ofd, 'exclusive', 1, 2)],
  [range(ofd, 'exclusive', 1, 2), range(ofd, 'exclusive', 0, 1)],
  [range(ofd, 'shared', 1, 2), readAll],
  [range(ofd, 'exclusive', 0, 3), range(ofd, 'none', 1, 2), put],
];

export const themes = {
  data: {
    weight: 4,
    instructions: [read, write, write, truncating, seeking, sees, dup],
    opened: [RW],
    phrases: [
      [readAll, writeBack],
      [{ do: 'seek', slot: 0, to: 0, from: 'end' }, put],
    ],
  },
  append: {
    weight: 4,
    instructions: [read, write, write, truncating, seeking, dup],
    opened: [RW, APPENDING, APPENDING],
  },
  names: {
    weight: 5,
    instructions: [creating(name), renaming(name), unlinking(name), accessing(name, 'exists'), write, read, sees],
    opened: [RW],
  },
  links: {
    weight: 4,
    instructions: [
      linking(one('a'), one('b', 'd/a', 'c')),
      linking(one('a', 'b'), one('c', 'a')),
      unlinking(one('a', 'b', 'c')),
      renaming(one('a', 'b', 'c')),
      see('links'),
      write,
    ],
    opened: [RW],
  },
  symlinks: {
    weight: 3,
    instructions: [
      fc.record({ do: fc.constant('symlink' as const), target: one('a', 'd', 'b', 'l'), path: one('l', 'l', 'b') }),
      fc.record({ do: fc.constant('readlink' as const), path: one('l', 'l', 'a') }),
      unlinking(one('l', 'l', 'a')),
      renaming(one('l', 'a', 'b')),
      creating(one('l', 'l', 'l/a', 'a')),
      see('type', 'size'),
      accessing(one('l', 'l/a'), 'exists'),
    ],
    opened: [RW],
  },
  directories: {
    weight: 4,
    instructions: [
      making,
      removing,
      creating(below),
      unlinking(below),
      renaming(one('d', 'd/a', 'd/s', 'e', 'a')),
      see('links', 'type'),
      accessing(one('d', 'd/a', 'd/s'), 'exists'),
    ],
    opened: [RW],
  },
  mode: {
    weight: 3,
    instructions: [
      fc.record({ do: fc.constant('chmod' as const), path: one('a', 'a', 'd', 'l'), mode: one(0o644, 0o755, 0o600) }),
      fc.record({ do: fc.constant('fchmod' as const), slot, mode: one(0o600, 0o755) }),
      accessing(one('a', 'a', 'd', 'l'), 'executable'),
      see('mode'),
      renaming(name),
      creating(name),
    ],
    opened: [RW],
  },
  times: {
    weight: 3,
    instructions: [
      fc.record({ do: fc.constant('utimes' as const), path: one('a', 'a', 'd', 'd'), time: one(1000, 2000) }),
      see('time'),
      write,
      truncating,
      making,
      creating(one('d/a', 'd/b', 'a')),
      unlinking(below),
      renaming(one('d/a', 'a', 'd/b')),
    ],
    opened: [RW],
  },
  xattrs: {
    weight: 2,
    instructions: [
      fc.record({ do: fc.constant('setxattr' as const), path: one('a', 'a', 'd'), value: one('1', '2') }),
      fc.record({ do: fc.constant('getxattr' as const), path: one('a', 'a', 'd') }),
      fc.record({ do: fc.constant('removexattr' as const), path: one('a', 'a', 'd') }),
      renaming(name),
      write,
    ],
    opened: [RW],
  },
  listings: {
    weight: 3,
    instructions: [
      fc.record({ do: fc.constant('list' as const), slot: fc.constant(0), ordered: fc.constant(false) }),
      creating(below),
      unlinking(below),
      renaming(one('d/a', 'd/b', 'a')),
      linking(one('a', 'd/a'), below),
      making,
    ],
    opened: [['READ', 'DIRECTORY']],
    directory: true,
  },
  order: {
    weight: 2,
    instructions: [
      fc.record({ do: fc.constant('list' as const), slot: fc.constant(0), ordered: fc.constant(true) }),
      creating(one('d/a', 'd/b', 'd/c')),
      renaming(one('d/a', 'd/b', 'd/c')),
      unlinking(below),
    ],
    opened: [['READ', 'DIRECTORY']],
    directory: true,
  },
  flock: {
    weight: 5,
    instructions: [
      locking(['exclusive', 'exclusive', 'shared', 'none']),
      locking(['exclusive', 'shared']),
      read,
      write,
      closing,
      dup,
    ],
    opened: [RW],
    phrases: [
      [lock('exclusive'), readAll, writeBack],
      [lock('shared'), lock('exclusive'), put],
      [lock('shared'), readAll, lock('exclusive')],
      [lock('exclusive'), lock('shared'), readAll],
      [lock('exclusive', 0), lock('exclusive', 1)],
      [lock('exclusive', 1), lock('exclusive', 0)],
      [lock('exclusive'), put, lock('none'), readAll],
      [{ ...lock('exclusive', 0, false), stop: 'failed' }, readAll, writeBack],
    ],
  },
  ofd: {
    weight: 3,
    instructions: [fcntl(true), fcntl(true), read, write, closing, dup],
    opened: [RW],
    phrases: phrasesOfRanges(true),
  },
  posix: {
    weight: 2,
    instructions: [fcntl(false), fcntl(false), read, write, closing, dup],
    opened: [RW],
    phrases: phrasesOfRanges(false),
  },
} as const satisfies Readonly<Record<string, Theme>>;

/** What a session tries over and over. */
const tried: Arb<Line> = fc
  .record({
    line: fc.oneof(
      opening(one('b'), ['WRITE', 'CREAT', 'EXCL']),
      fc.constant<Instruction>({ do: 'mkdir', path: 'e' }),
      accessing(one('b', 'd/a'), 'exists'),
      linking(one('a'), one('b')),
      fc.constant<Instruction>({ do: 'flock', slot: 0, type: 'exclusive', waits: false }),
      fc.constant<Instruction>({ do: 'fcntl', ofd: true, slot: 0, type: 'exclusive', from: 0, to: 1, waits: false }),
    ),
    times: one(2, 4, 5),
    sleeps: fc.boolean(),
  })
  .map(({ line, times, sleeps }) => ({ ...line, times, ...(sleeps ? { sleeps: true as const } : {}) }));

/** What ends such a wait. */
const released: readonly Arb<Instruction>[] = [
  unlinking(one('b')),
  creating(one('b')),
  fc.constant<Instruction>({ do: 'rmdir', path: 'e' }),
  fc.constant<Instruction>({ do: 'mkdir', path: 'e' }),
  fc.constant<Instruction>({ do: 'flock', slot: 0, type: 'exclusive', waits: true }),
  write,
];

const entries: Arb<readonly Entry[]> = fc
  .record({
    a: one<'' | 'file' | 'long'>('file', 'long', 'file', 'long', 'file', 'long', 'long', ''),
    b: one<'' | 'file' | 'link'>('', 'file', 'link', ''),
    d: one<'' | 'empty' | 'full' | 'both'>('empty', 'full', 'both', ''),
    l: one('', 'a', 'd', 'b'),
  })
  .map(({ a, b, d, l }) => [
    ...(a === '' ? [] : [{ type: 'file' as const, path: 'a', content: a === 'long' ? 'abcd' : '1' }]),
    ...(b === ''
      ? []
      : b === 'link' && a !== ''
        ? [{ type: 'link' as const, path: 'b', of: 'a' }]
        : [{ type: 'file' as const, path: 'b', content: '2' }]),
    ...(d === '' ? [] : [{ type: 'directory' as const, path: 'd' }]),
    ...(d === 'full' || d === 'both' ? [{ type: 'file' as const, path: 'd/a', content: '3' }] : []),
    ...(d === 'both' ? [{ type: 'file' as const, path: 'd/b', content: '' }] : []),
    ...(l === '' ? [] : [{ type: 'symlink' as const, path: 'l', target: l }]),
  ]);

/** Each `open` has a slot of its own, and the last one can be worked on: nothing is lost by opening another. */
function placed(session: SessionProgram, fallback: SessionProgram['opened'][number]): SessionProgram {
  const opened = [...session.opened];
  const free = [...'012345'].map(Number).filter((each) => !session.opened.some(({ slot }) => slot === each));
  const lines: Line[] = [];
  let opens = 0;
  for (const line of session.lines) {
    if (line.do === 'open') {
      // The first fills the slot that calls prefer, where nothing is in it.
      const to = free.filter((each) => each !== 2)[opens++];
      if (to !== undefined) lines.push({ ...line, slot: to });
    } else if (line.do === 'dup' && lines.some((other) => other.do === 'dup')) continue;
    else lines.push(line);
  }
  const filled = new Set([
    ...opened.map(({ slot }) => slot),
    ...lines.map((line) => (line.do === 'open' ? line.slot : -1)),
  ]);
  if (lines.some(uses) && !filled.has(0)) opened.push(fallback);
  // What is nowhere opened answers EBADF, and shows nothing.
  const used = lines.map((line) => (uses(line) && line.slot === 1 && !filled.has(1) ? { ...line, slot: 0 } : line));
  return { opened, lines: used };
}

const uses = (line: Line): line is Line & { readonly slot: number } => 'slot' in line && line.do !== 'open';

const shapes = [[1, 1], [2, 1], [2, 2], [2, 2], [3, 2], [3, 2], [3, 3], [3, 3], [4, 2], [4, 3], [4, 4], [1, 1, 1], [2, 1, 1], [2, 2, 1], [2, 2, 2], [3, 2, 1], [3, 1, 1]] as const; // biome-ignore format: a table

function ofTheme(theme: Theme, retries: boolean): Arb<Program> {
  const instruction = fc.oneof(...theme.instructions);
  const line: Arb<Line> = fc
    .record({
      instruction,
      stop: one<undefined | 'failed' | 'well'>(undefined, undefined, undefined, 'failed', 'well'),
    })
    .map(({ instruction: made, stop }) => (stop === undefined ? made : { ...made, stop }));
  const file = theme.directory ? fc.constant('d') : one('a', 'a', 'a', 'b');
  const session = (length: number, first: boolean): Arb<SessionProgram> =>
    fc
      .record({
        opened: fc.array(fc.record({ slot: fc.constant(0), path: file, flags: one(...theme.opened) }), {
          maxLength: 1,
        }),
        fallback: fc.record({ slot: fc.constant(0), path: file, flags: one(...theme.opened) }),
        second: fc.array(fc.record({ slot: fc.constant(1), path: one('b', 'a'), flags: one(...theme.opened) }), {
          maxLength: theme.directory ? 0 : 1,
        }),
        start: retries && first ? tried.map((made) => [made]) : fc.constant<Line[]>([]),
        lines: retries
          ? fc.array(fc.oneof(...released, instruction), { minLength: 1, maxLength: first ? 1 : 2 })
          : fc.oneof(
              {
                weight: theme.phrases === undefined ? 1 : 2,
                arbitrary: fc.array(line, { minLength: length, maxLength: length }),
              },
              ...(theme.phrases === undefined ? [] : [{ weight: 2, arbitrary: one(...theme.phrases) }]),
            ),
      })
      .map(({ opened, second, start, lines, fallback }) =>
        placed({ opened: [...opened, ...(opened.length === 1 ? second : [])], lines: [...start, ...lines] }, fallback),
      );
  const sessions = fc
    .constantFrom<readonly number[]>(...(retries ? shapes.filter((shape) => shape.length === 2) : shapes))
    .chain((shape) => fc.tuple(...shape.map((length, index) => session(length, index === 0))));
  return fc.record({ initial: entries, sessions });
}

/** With these kinds only, if any are named. */
export function programs(allowed?: ReadonlySet<Kind>): Arb<Program> {
  const plain = Object.values<Theme>(themes).map((theme) => ({
    weight: theme.weight * 2,
    arbitrary: ofTheme(theme, false),
  }));
  const again = (['names', 'flock', 'ofd'] as const).map((theme) => ({
    weight: 3,
    arbitrary: ofTheme(themes[theme], true),
  }));
  // Several themes in one.
  const all = Object.values<Theme>(themes).filter(({ directory }) => !directory);
  const mixed: Theme = {
    weight: 1,
    instructions: all.flatMap(({ instructions }) => instructions),
    opened: [RW, APPENDING],
  };
  return fc.oneof(...plain, ...again, { weight: 12, arbitrary: ofTheme(mixed, false) }).filter((program) => {
    const orders = ordersOf(program);
    if (orders < ORDERS_MIN || orders > ORDERS_MAX) return false;
    if (program.sessions.some((session) => callsOf(session) === 0)) return false;
    return allowed === undefined || [...kindsOf(program)].every((kind) => allowed.has(kind));
  });
}

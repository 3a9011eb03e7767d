/** Small programs of a few sessions over one directory, as plain data. One instruction is one system call. */

/** A file or directory that is there before the sessions begin. `link`: a second name of `of`. */
export type Entry =
  | { readonly type: 'file'; readonly path: string; readonly content: string }
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | { readonly type: 'link'; readonly path: string; readonly of: string };

/** What of statx(2) an answer holds. */
export type Seen = 'type' | 'mode' | 'links' | 'size' | 'time';

/** `shared`, `exclusive`, or given back. */
export type LockType = 'shared' | 'exclusive' | 'none';

export type Flag = 'READ' | 'WRITE' | 'BOTH' | 'CREAT' | 'EXCL' | 'TRUNC' | 'APPEND' | 'DIRECTORY';

export type Instruction =
  /** Descriptors are kept in slots; calls on an empty one are not made, and answer EBADF. */
  | { readonly do: 'open'; readonly slot: number; readonly path: string; readonly flags: readonly Flag[] }
  | { readonly do: 'close'; readonly slot: number }
  | { readonly do: 'dup'; readonly slot: number; readonly to: number }
  /** With `at`: pread(2) and pwrite(2). */
  | { readonly do: 'read'; readonly slot: number; readonly bytes: number; readonly at?: number }
  /** `=`: what was read last. */
  | { readonly do: 'write'; readonly slot: number; readonly data: string; readonly at?: number }
  | { readonly do: 'seek'; readonly slot: number; readonly to: number; readonly from: 'start' | 'here' | 'end' }
  | { readonly do: 'truncate'; readonly path: string; readonly size: number }
  | { readonly do: 'ftruncate'; readonly slot: number; readonly size: number }
  | { readonly do: 'stat'; readonly path: string; readonly see: Seen; readonly follows: boolean }
  | { readonly do: 'fstat'; readonly slot: number; readonly see: Seen }
  | { readonly do: 'access'; readonly path: string; readonly mode: 'exists' | 'executable' }
  | { readonly do: 'chmod'; readonly path: string; readonly mode: number }
  | { readonly do: 'fchmod'; readonly slot: number; readonly mode: number }
  /** In seconds since 1970. */
  | { readonly do: 'utimes'; readonly path: string; readonly time: number }
  | { readonly do: 'link'; readonly from: string; readonly path: string }
  | { readonly do: 'symlink'; readonly target: string; readonly path: string }
  | { readonly do: 'readlink'; readonly path: string }
  | { readonly do: 'unlink'; readonly path: string }
  | { readonly do: 'mkdir'; readonly path: string }
  | { readonly do: 'rmdir'; readonly path: string }
  | { readonly do: 'rename'; readonly from: string; readonly path: string; readonly replaces: boolean }
  | { readonly do: 'setxattr'; readonly path: string; readonly value: string }
  | { readonly do: 'getxattr'; readonly path: string }
  | { readonly do: 'removexattr'; readonly path: string }
  /** One getdents64(2); `ordered`: the answer has the names as they come. */
  | { readonly do: 'list'; readonly slot: number; readonly ordered: boolean }
  | { readonly do: 'flock'; readonly slot: number; readonly type: LockType; readonly waits: boolean }
  /** fcntl(2): locks of the process, or with `ofd` of the open file description. `to` is left out. */
  | {
      readonly do: 'fcntl';
      readonly ofd: boolean;
      readonly slot: number;
      readonly type: LockType;
      readonly from: number;
      readonly to: number;
      readonly waits: boolean;
    };

/** With `times`: again until it goes well, at most so often. `stop`: the session ends after it if it went so. */
export type Line = Instruction & {
  readonly times?: number;
  readonly sleeps?: true;
  readonly stop?: 'failed' | 'well';
};

export interface SessionProgram {
  /** Before anybody begins. */
  readonly opened: readonly { readonly slot: number; readonly path: string; readonly flags: readonly Flag[] }[];
  readonly lines: readonly Line[];
}

export interface Program {
  readonly initial: readonly Entry[];
  readonly sessions: readonly SessionProgram[];
}

/** What a program is about; a run can be told to leave kinds out. */
export const kinds = {
  data: 'reads, writes and truncation, at places and at offsets',
  append: 'O_APPEND, against offsets',
  shared: 'offsets that descriptors share',
  names: 'files made, renamed and removed',
  links: 'hard links, and how many there are',
  symlinks: 'symbolic links',
  directories: 'directories made and removed',
  mode: 'modes, and access by them',
  times: 'times that were set',
  xattrs: 'extended attributes',
  listings: 'the names in a directory',
  order: 'the order of a listing',
  flock: 'locks of flock(2)',
  conversions: 'a lock of flock(2) exchanged for another kind',
  ofd: 'locks of open file descriptions',
  posix: 'locks of processes',
  retries: 'what is tried again, up to a limit',
} as const;

export type Kind = keyof typeof kinds;

const locks = (line: Instruction): boolean => line.do === 'flock' || line.do === 'fcntl';

export const usesLocks = ({ lines }: SessionProgram): boolean => lines.some(locks);

export const usesProcessLocks = ({ sessions }: Program): boolean =>
  sessions.some(({ lines }) => lines.some((line) => line.do === 'fcntl' && !line.ofd));

/** Slots that a session may have something in at its end; closing them gives locks back, one after the other. */
export function closedAtTheEnd(session: SessionProgram): readonly number[] {
  if (!usesLocks(session)) return [];
  const slots = new Set(session.opened.map(({ slot }) => slot));
  for (const line of session.lines) {
    if (line.do === 'open') slots.add(line.slot);
    else if (line.do === 'dup') slots.add(line.to);
  }
  return [...slots].sort();
}

/** System calls of a session, at most. */
export const callsOf = (session: SessionProgram): number =>
  session.lines.reduce((sum, { times = 1 }) => sum + times, 0) + closedAtTheEnd(session).length;

/** In how many orders the calls can be made, at most: the multinomial coefficient. */
export function ordersOf({ sessions }: Program): number {
  let [orders, total] = [1, 0];
  for (const session of sessions) {
    for (let at = 1; at <= callsOf(session); at++) orders = (orders * ++total) / at;
  }
  return Math.round(orders);
}

export function kindsOf({ sessions }: Program): ReadonlySet<Kind> {
  const found = new Set<Kind>();
  for (const { opened, lines } of sessions) {
    for (const { flags } of opened) if (flags.includes('APPEND')) found.add('append');
    for (const line of lines) {
      for (const kind of kindsOfLine(line)) found.add(kind);
      if ([...pathsOf(line)].some((path) => /^(d|e|d\/s)$/.test(path))) found.add('directories');
      if (line.times !== undefined) found.add('retries');
    }
    const taken = lines.filter((line) => line.do === 'flock' && line.type !== 'none');
    if (taken.length > 1) found.add('conversions');
  }
  return found;
}

function* pathsOf(line: Line): Generator<string> {
  if ('path' in line) yield line.path;
  if ('from' in line && typeof line.from === 'string') yield line.from;
}

const ofSeen = { type: 'names', mode: 'mode', links: 'links', size: 'data', time: 'times' } as const;

function kindsOfLine(line: Line): readonly Kind[] {
  switch (line.do) {
    case 'open':
      return line.flags.includes('APPEND') ? ['append'] : line.flags.includes('DIRECTORY') ? ['listings'] : ['names'];
    case 'stat':
    case 'fstat':
      return [ofSeen[line.see]];
    case 'close':
      return [];
    case 'dup':
      return ['shared'];
    case 'access':
      return [line.mode === 'exists' ? 'names' : 'mode'];
    case 'chmod':
    case 'fchmod':
      return ['mode'];
    case 'utimes':
      return ['times'];
    case 'link':
      return ['links'];
    case 'symlink':
    case 'readlink':
      return ['symlinks'];
    case 'unlink':
    case 'rename':
      return ['names'];
    case 'mkdir':
    case 'rmdir':
      return ['directories'];
    case 'setxattr':
    case 'getxattr':
    case 'removexattr':
      return ['xattrs'];
    case 'list':
      return [line.ordered ? 'order' : 'listings'];
    case 'flock':
      return ['flock'];
    case 'fcntl':
      return [line.ofd ? 'ofd' : 'posix'];
    default:
      return ['data'];
  }
}

/** A program as a person reads it. */
export function inWords({ initial, sessions }: Program): string {
  const entries = initial.map((entry) => {
    if (entry.type === 'file') return `${entry.path}=${JSON.stringify(entry.content)}`;
    if (entry.type === 'directory') return `${entry.path}/`;
    return entry.type === 'link' ? `${entry.path}=${entry.of}` : `${entry.path}->${entry.target}`;
  });
  return [
    `before: ${entries.join(', ') || 'nothing'}`,
    ...sessions.flatMap(({ opened, lines }, session) => [
      `session ${session}:`,
      ...opened.map(({ slot, path, flags }) => `  has ${path} open as #${slot} (${flags.join('|')})`),
      ...lines.map((line) => `  ${lineInWords(line)}`),
    ]),
  ].join('\n');
}

export function lineInWords({ do: call, times, sleeps, stop, ...rest }: Line): string {
  const told = Object.entries(rest).map(([name, value]) =>
    name === 'slot' ? `#${value}` : `${name} ${Array.isArray(value) ? value.join('|') : JSON.stringify(value)}`,
  );
  return [
    call,
    ...told,
    ...(times === undefined ? [] : [`up to ${times} times${sleeps ? ', sleeping' : ''}`]),
    ...(stop === undefined ? [] : [`(ends there if it ${stop === 'well' ? 'went well' : 'failed'})`]),
  ].join(' ');
}

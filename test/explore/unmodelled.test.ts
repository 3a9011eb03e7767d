/** What the gate has no model of takes the word "all" away, and is named; and what concerns nobody does not. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogueUrl } from '../../harness/config/load.ts';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { start } from '../support/collide.ts';
import { onLinux, python } from '../support/explore-stage.ts';

const place = mkdtempSync(join(tmpdir(), 'collide-test-'));
const program = join(place, 'unmodelled');
const compiled =
  onLinux &&
  spawnSync('gcc', ['-w', '-o', program, join(import.meta.dirname, 'programs', 'unmodelled.c'), '-lrt']).status === 0;

/** Does a way work here at all, behind no gate? */
const works = (...args: readonly string[]): boolean =>
  compiled && spawnSync(program, args, { cwd: place, timeout: 10_000 }).status === 0;

/** Of this test file alone: keys and names are the machine's. */
const own = process.pid;

interface Way {
  readonly id: string;
  readonly commands: string | readonly string[];
  /** `kind: what`, of all that is left out; none: it was all. */
  readonly omitted: readonly string[];
  /** What the sessions share outside of the resource, besides. */
  readonly outside?: string;
  readonly unless?: boolean;
}

const c = (id: string, call: string, ...omitted: readonly string[]): Way => ({
  ...{ id, commands: `${program} ${call}`, omitted },
  unless: !compiled,
});

/** Two holders of one lock, of whom one may have to wait. */
const waiting = (command: string): string => `${command} sh -c 'flock 9; echo x >> log' 9> lock`;

/** Finds that a lock is taken by one who has written to `x`. */
const tries = (kind: 'flock' | 'fcntl'): string =>
  kind === 'flock'
    ? '[ "$(cat x)" = 1 ] || exit 0; exec 9> lock; flock -n 9 || echo fail > out'
    : `[ "$(cat x)" = 1 ] || exit 0; ${program} try || echo fail > out`;

const kills = (way: string, kind: 'flock' | 'fcntl' = 'flock'): Way => ({
  ...{ id: `gives-${way}`, commands: [`${program} gives ${way} || true`, tries(kind)], omitted: [KILLED] },
  unless: !compiled,
});

const KILLED = 'calls: kill of a process that holds a lock';

/** One that waits for another one's lock, but not for ever. */
const patient = (how: string, call?: string): Way =>
  c(`patient-${how}`, `patient ${how}`, ...(call === undefined ? [] : [`timeouts: ${call} by unmodelled`]));

const ways: readonly Way[] = [
  patient('poll', 'poll'),
  patient('ppoll', 'ppoll'),
  patient('select', 'pselect6'),
  patient('epoll', process.arch === 'arm64' ? 'epoll_pwait' : 'epoll_wait'),
  patient('epoll-2', 'epoll_pwait2'),
  patient('signal', 'rt_sigtimedwait'),
  patient('futex', 'futex'),
  patient('for-ever'),
  kills('kill'),
  kills('fcntl-kill', 'fcntl'),
  kills('pidfd'),
  kills('group'),
  kills('abort'),
  {
    id: 'kill-of-itself',
    commands: [`sh -c 'exec 9> lock; flock 9; echo 1 > x; kill -9 $$'; true`, tries('flock')],
    omitted: [KILLED],
  },
  {
    id: 'kill-of-another',
    commands: `sleep 9 & exec 9> lock; flock 9; kill $!; trap : TERM; kill -TERM $$; kill -CONT $$; echo x >> log`,
    omitted: ['timeouts: sleep 9'],
  },
  { id: 'exec-that-keeps', commands: `exec 9> lock; flock 9; exec sh -c 'echo x >> log'`, omitted: [] },
  c('aio', 'aio', 'calls: io_submit'),
  { ...c('int80', 'int80', 'calls: those of another architecture'), unless: !works('int80') },
  c('x32', 'x32', 'calls: those of x32'),
  c('map', 'map', 'maps: work/counter'),
  c('populated-map', 'populate', 'maps: work/counter'),
  c('unprotected-map', 'mprotect', 'maps: work/counter'),
  c('map-that-is-read', 'reads-map', 'maps: work/counter'),
  c('semaphore', `semaphore ${own}`, 'ipc: semget'),
  c('shared-memory', `shared-memory ${own}`, 'ipc: shmget'),
  c('message', `message ${own}`, 'ipc: msgget'),
  c('queue', `queue /collide-test-${own}`, 'ipc: mq_open'),
  {
    ...c('named-semaphore', `named /collide-test-${own}`, 'ipc: sem_open'),
    outside: `/dev/shm/sem.collide-test-${own}`,
  },
  c('memory-of-another', 'memory 1', 'calls: process_vm_readv'),
  c('abstract', `bind @collide-test-${own}`, `sockets: @collide-test-${own}`),
  c('socket', 'bind socket', 'sockets: work/socket'),
  c('port', 'port 47113', 'sockets: port 47113'),
  c('lease', 'lease', 'calls: fcntl F_SETLEASE'),
  c('clone-range', 'clone-range', 'calls: ioctl 0x4020940d'),
  c('splice', 'splice', 'calls: splice into a pipe'),
  c('watch', 'watch', 'calls: inotify_add_watch'),
  c('handle', 'handle', 'calls: name_to_handle_at'),
  c('unshare', 'unshare', 'calls: unshare'),
  c('ordinary', 'ordinary'),
  { id: 'fifo', commands: 'mkfifo f 2> /dev/null || true', omitted: ['ipc: mkfifo'] },
  {
    id: 'is-it-there',
    commands: ['echo $$ > pid; : > x', '[ ! -s pid ] || kill -0 $(cat pid) 2> /dev/null || true'],
    omitted: ['signals: kill -0'],
  },
  {
    id: 'is-it-in-proc',
    commands: ['echo $$ > pid; : > x', '[ ! -s pid ] || [ -d /proc/$(cat pid) ] || true'],
    omitted: ['signals: /proc/PID'],
  },
  {
    id: 'is-it-below-proc',
    commands: ['echo $$ > pid; : > x', '[ ! -s pid ] || { p=$(cat pid); cd /proc && [ -d "$p" ] || true; }'],
    omitted: ['signals: /proc/PID'],
  },
  {
    id: 'does-it-run-somewhere',
    commands: ['echo $$ > pid; : > x', '[ ! -s pid ] || taskset -p $(cat pid) > /dev/null 2>&1 || true'],
    omitted: ['signals: sched_getaffinity'],
    unless: spawnSync('taskset', ['-V']).status !== 0,
  },
  {
    id: 'how-nice-it-is',
    commands: ['echo $$ > pid; : > x', '[ ! -s pid ] || renice -n 1 -p $(cat pid) > /dev/null 2>&1 || true'],
    omitted: ['signals: getpriority'],
    unless: spawnSync('renice', ['-V']).status !== 0,
  },
  { id: 'its-own-limits', commands: 'ulimit -n > /dev/null; nice -n 1 sh -c ": > {session}"', omitted: [] },
  {
    id: 'what-is-in-proc',
    commands: [': > x', 'ls /proc > /dev/null'],
    omitted: ['signals: /proc'],
  },
  {
    id: 'locks-in-proc',
    commands: ['exec 9> lock; flock 9; : > x', 'grep -q FLOCK /proc/locks || true'],
    omitted: ['calls: /proc/locks'],
  },
  {
    id: 'sockets-in-proc',
    commands: [': > x', 'grep -q @collide-test /proc/net/unix || true'],
    omitted: ['sockets: /proc/net/unix'],
  },
  {
    id: 'sockets-in-ss',
    commands: [': > x', 'ss -xl > /dev/null'],
    omitted: ['sockets: sock_diag'],
    unless: spawnSync('ss', ['-V']).status !== 0,
  },
  {
    id: 'sockets-asked-for',
    commands: [
      ': > x',
      `${python} -PIS -c "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4).send(bytes([16, 0, 0, 0, 18, 0, 1, 0]) + bytes(8))"`,
    ],
    omitted: ['sockets: sock_diag'],
    unless: python === undefined,
  },
  {
    id: 'an-interpreter',
    commands:
      'printf "#!./i\\n" > s{session}; chmod +x s{session}; ln -sf /bin/true i; ./s{session} || echo not there > out',
    omitted: [`calls: the interpreter of work/s0`],
  },
  {
    id: 'a-pipe-that-is-no-program',
    commands: 'mkfifo p{session}; chmod +x p{session}; ./p{session}; echo x >> log',
    omitted: ['ipc: mkfifo'],
  },
  {
    id: 'access-time',
    commands: ['cat n > /dev/null', 'stat -c %X n > /dev/null'],
    omitted: ['calls: stat, for the time of the last access'],
  },
  {
    id: 'which-is-newer',
    commands: ['echo 1 > a; [ a -nt n ] && echo newer > v || echo older > v', 'echo 2 > n'],
    omitted: ['ages: work/a or work/n'],
  },
  {
    id: 'how-old-a-lock-is',
    commands:
      'mkdir l 2> /dev/null || [ $(($(date +%s) - $(stat -c %Y l))) -gt 60 ] || exit 0; echo x >> log; sleep 100',
    omitted: ['ages: how old work/l is after a sleep'],
  },
  {
    id: 'which-is-newer-by-find',
    commands: ['echo a > f', 'echo b > g; find f -newer g > out'],
    omitted: ['ages: work/g or work/f'],
  },
  {
    id: 'which-is-newer-by-descriptor',
    commands: [
      'echo a > f',
      `echo b > g; ${python} -PIS -c "import os; os.fstat(os.open('n', 0)); print(os.stat('f', follow_symlinks=False).st_mtime > os.fstat(os.open('g', 0)).st_mtime) if os.path.lexists('f') else 0" > out`,
    ],
    omitted: ['ages: work/f or work/g'],
    unless: python === undefined,
  },
  {
    id: 'the-sixth-try',
    commands: [
      'echo 1 > f',
      'for i in 1 2 3 4 5 6 7 8; do [ -e f ] && break; done; [ $i = 6 ] && echo bad > out; true',
    ],
    omitted: ['retries: stat work/f'],
  },
  {
    id: 'a-second-try',
    commands: ['echo 1 > f', 'for i in 1 2; do [ -e f ] && break; done; echo $i > out'],
    omitted: [],
  },
  {
    id: 'which-is-newer-under-a-lock',
    commands: 'exec 9> l; flock 9; echo {session} > {session}; [ 0 -nt 1 ] && echo newer >> v || echo older >> v',
    omitted: [],
  },
  {
    id: 'an-attribute',
    commands: [': > x', `${python} -PIS -c "import os; os.setxattr('n', 'user.a', b'1')" 2> /dev/null; : > y`],
    omitted: ['calls: setxattr: attributes are not compared'],
    unless: python === undefined,
  },
  {
    id: 'an-attribute-that-is-the-mode',
    commands: [
      ': > x',
      `${python} -PIS -c "import os, struct; os.setxattr('n', 'system.posix_acl_access', struct.pack('<IHHIHHIHHI', 2, 1, 6, 0xffffffff, 4, 4, 0xffffffff, 32, 4, 0xffffffff))" 2> /dev/null; : > y`,
    ],
    omitted: [],
    unless: python === undefined,
  },
  { id: 'change-time', commands: ['cat n > /dev/null', 'stat -c %Y n > /dev/null'], omitted: [] },
  { id: 'room', commands: [': > x', 'df . > /dev/null'], omitted: ['calls: statfs'] },
  { id: 'own-child', commands: 'sleep 9 & kill -0 $!; kill $!; : > {session}', omitted: [] },
  { id: 'itself', commands: '[ -d /proc/$$ ] && kill -0 $$; : > {session}', omitted: [] },
  {
    id: 'flock-w',
    commands: 'exec 9> lock; flock -w 10 9; echo x >> log',
    omitted: ['timeouts: timer_settime by flock'],
  },
  { id: 'timeout', commands: waiting('timeout 9'), omitted: ['timeouts: timer_settime by timeout'] },
  { id: 'timeout-that-does-not-wait', commands: 'timeout 9 sh -c "echo x >> log"', omitted: [] },
  { id: 'plain', commands: 'read -r n < n; echo $((n + 1)) > n', omitted: [] },
  {
    id: 'python-map',
    commands: `${python} -PIS -c "import mmap; f = open('n', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[0] += 1"`,
    omitted: ['maps: work/n'],
    unless: python === undefined,
  },
];

afterAll(() => rmSync(place, { recursive: true, force: true }));

describe.skipIf(!onLinux)('what no step tells of is named, and takes the word exhaustive away', () => {
  let sandbox: string;
  let explorers: Explorers;

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    const files = { n: '1\n' };
    const targets = ways.filter(({ unless }) => !unless).map(({ id, commands }) => ({ id, commands, files }));
    explorers = await startExplorers({
      ...{ catalogue: catalogueUrl({ targets, dir: '/', name: 'a test' }), sandbox },
      count: 1,
    });
  });

  afterAll(async () => {
    await explorers?.close();
    if (sandbox !== undefined) rmSync(sandbox, { recursive: true, force: true });
    for (const [flag, key] of [['-S'], ['-M'], ['-Q']].map(([option]) => [option!, String(own)] as const))
      spawnSync('ipcrm', [flag, key]);
    rmSync(`/dev/shm/sem.collide-test-${own}`, { force: true });
  });

  for (const { id, omitted, outside, unless } of ways) {
    test.skipIf(unless === true)(id, async () => {
      const { explored, doubt } = await explorers.examine({
        ...{ target: id, strategy: 'commands', seed: 1 },
        ...{ budgetMs: 60_000, steps: omitted.length === 0 ? 3_000 : 300 },
      });
      const named = (explored.omitted ?? []).map(({ kind, what }) => `${kind}: ${what}`);
      const kind = omitted.length === 0 ? 'exhaustive' : 'partial';
      const expected = outside === undefined ? undefined : expect.stringContaining(outside);
      expect([named, explored.kind, doubt]).toEqual([omitted, kind, expected]);
    });
  }
});

/** Nobody sees the reads and writes, but between which steps they are. */
describe.skipIf(!compiled)('what is written to a map between two steps is lost between two steps of another', () => {
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  writeFileSync(join(dir, 'counter'), '0');
  afterAll(() => rmSync(dir, { recursive: true }));

  test.each([
    ['by maps', ['slowly']],
    ['by a map and by calls', ['slowly', 'called']],
    ['by calls and by a map', ['called', 'slowly']],
  ] as const)('%s', async (_, calls) => {
    const commands = calls.map((call) => `${program} ${call}`);
    const args = ['exec', '--engine', 'explore', '--steps', '3000', '--out', dir, ...commands];
    const { code, stdout } = await start(args, { cwd: dir, temporary: place }).ended;
    expect([code, stdout]).toEqual([1, expect.stringMatching(/LAST_WRITER_WINS.*memory map .*counter/s)]);
  });
});

/** Until then, another session finds it taken. */
describe.skipIf(!compiled)('a lock is given back at a moment that others may come before', () => {
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  test.each([
    ['dup2', 'flock'],
    ['dup3', 'flock'],
    ['close_range', 'flock'],
    ['exec', 'flock'],
    ['fcntl-dup2', 'fcntl'],
    ['fcntl-exec', 'fcntl'],
    ['part', 'fcntl'],
    ['other-kind', 'flock'],
    ['one-of-two', 'flock'],
  ] as const)('%s', async (way, kind) => {
    const commands = [`${program} gives ${way}`, tries(kind)];
    const args = ['exec', '--engine', 'explore', '--steps', '3000', '--out', dir, ...commands];
    const { code, stdout } = await start(args, { cwd: dir, temporary: place }).ended;
    expect([code, stdout]).toEqual([1, expect.stringMatching(/NOT_SERIALIZABLE.*work\/out is "fail/s)]);
  });
});

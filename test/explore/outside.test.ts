/** What sessions do outside of the resource, by one explorer that has several targets. */

import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogueUrl } from '../../harness/config/load.ts';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { trappedCalls } from '../../harness/gate/calls.ts';
import { onLinux } from '../support/explore-stage.ts';

/** Commands, and what of that both sessions reach (`D`: a directory elsewhere); where a call is not trapped, it is not seen. */
const CASES: Readonly<Record<string, readonly [commands: string | readonly string[], met: string, call?: string]>> = {
  'a counter': ['n=$(cat D/n); echo $((n + 1)) > D/n', 'D/n'],
  'a directory that is a lock': ['mkdir -p D/lock', 'D/lock'],
  'a file in memory': [': > /dev/shm/M', '/dev/shm/M'],
  'the same by another path': [['echo x > /dev/shm/M', 'echo y > /dev/shm/../shm/./M'], '/dev/shm/M'],
  'one moves a file': [`mv D/old D/new 2> /dev/null || true`, 'D/new, D/old'],
  'moved in': ['mv D/token taken-{session} 2> /dev/null || true', 'D/token'],
  'moved out': [': > own-{session}; mv own-{session} D/result', 'D/result'],
  'one writes, one reads': [['echo x > D/n', 'cat D/n > out'], 'D/n'],
  'one writes, one looks': [['touch D/n', '[ -e D/n ]; echo $? > out'], 'D/n'],
  'one makes, one lists': [['mktemp D/fresh-XXXXXX > name', 'ls D > out'], 'D'],
  'one moves what the other reads in': [['mv D/dir D/away; mv D/away D/dir', 'cat D/dir/f > out; true'], 'D/dir'],
  'one file of two names': [['echo x >> D/a', 'cat D/b > out'], 'D/a'],
  'a link elsewhere': [['echo x >> D/link/f', 'echo x >> D/dir/f'], 'D/dir/f'],
  'a link in the directory': ['ln -sfn D out; echo x >> out/f', 'D/f'],
  'a link to a descriptor': ['exec 3>> D/log; echo x >> /proc/self/fd/3', 'D/log'],
  removed: ['rm -f D/gone', 'D/gone'],
  'linked to': ['ln -s x D/there 2> /dev/null || true', 'D/there'],
  'counted by its links': ['ln D/counted D/by-{session} 2> /dev/null; true', 'D/by-0, D/by-1, D/counted'],
  'a mode': [['chmod 600 D/mode', 'stat -c %a D/mode > out'], 'D/mode'],
  'a time': ['touch -d 2001-01-01 D/mode', 'D/mode'],
  'a size': ['truncate -s 3 D/size', 'D/size'],
  'a FIFO': ['mkfifo D/fifo 2> /dev/null || true', 'D/fifo'],
  'a lock': ['exec 9< D/mode; flock 9', 'D/mode'],
  'an attribute': [`python3 -c "import os; os.setxattr('D/mode', 'user.x', b'1')" || true`, 'D/mode', 'setxattr'],
  'a socket': [
    `python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('D/socket')" 2> /dev/null || true`,
    'D/socket',
    'bind',
  ],
  'by way of the working directory': ['echo x >> /proc/self/cwd/../../log', 'P/log'],
  apart: [': > D/{session}', ''],
  within: ['echo {session} >> log', ''],
  'only read': ['cat D/old > out-{session}; ls D > /dev/null', ''],
  'what keeps nothing': [
    'echo x > /dev/null; head -c 1 /dev/zero > /dev/full || true; head -c 1 /dev/urandom > /dev/stderr; echo x > /dev/fd/1',
    '',
  ],
  'their own': ['f=$(mktemp); echo x > "$f"; rm "$f"; mkdir -p /tmp; echo x > /proc/self/comm', ''],
};

/** The same of functions in processes that stay. */
const FUNCTIONS = [
  ['counts', 'D/n'],
  ['appends', 'D/later'],
  ['within', ''],
] as const;

describe.skipIf(!onLinux)('what sessions share outside', () => {
  let sandbox: string;
  let elsewhere: string;
  let explorers: Explorers;
  const names = Object.keys(CASES);

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    elsewhere = mkdtempSync(join(tmpdir(), 'collide-test-'));
    const files = ['old', 'token', 'n', 'a', 'counted', 'mode', 'size', 'gone', 'dir/f'];
    mkdirSync(join(elsewhere, 'dir'));
    for (const name of files) writeFileSync(join(elsewhere, name), '');
    linkSync(join(elsewhere, 'a'), join(elsewhere, 'b'));
    symlinkSync('dir', join(elsewhere, 'link'));
    const targets = names.map((name, at) => {
      const [commands] = CASES[name]!;
      return { id: `case-${at}`, commands: typeof commands === 'string' ? placed(commands) : commands.map(placed) };
    });
    const module = join(elsewhere, 'session.mjs');
    writeFileSync(
      module,
      `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
      import { appendFile } from 'node:fs/promises';
      export const counts = () => writeFileSync('${elsewhere}/n', String(Number(readFileSync('${elsewhere}/n', 'utf8')) + 1));
      export const appends = async () => appendFile('${elsewhere}/later', 'x');
      export const within = (session) => appendFileSync(session.path('log'), session.id);`,
    );
    const functions = FUNCTIONS.map(([name]) => ({ id: name, session: { module, export: name } }));
    const catalogue = catalogueUrl({ targets: [...targets, ...functions], dir: '/', name: 'a test' });
    explorers = await startExplorers({ catalogue, sandbox, count: 1 });
  });

  afterAll(async () => {
    await explorers?.close();
    for (const path of [sandbox, elsewhere, placed('/dev/shm/M')]) rmSync(path, { recursive: true, force: true });
  });

  const placed = (text: string): string =>
    text.replaceAll(/\bD\b/g, elsewhere).replaceAll(/\bM\b/g, elsewhere.slice(-'XXXXXX'.length));

  /** One after another, since what is seen of one must not be said of the next. */
  test.each(names)('%s', async (name) => {
    const [, met, call] = CASES[name]!;
    const { doubt = '', explored } = await explorers.examine({
      target: `case-${names.indexOf(name)}`,
      strategy: 'commands',
      seed: 1,
      budgetMs: 300,
    });
    const found = /^the commands share (.*), which (?:is|are) outside the directory/
      .exec(doubt)?.[1]
      ?.replace(/\S*\/stage-\w+\/log/, 'P/log');
    const seen = call === undefined || (trappedCalls as readonly string[]).includes(call);
    expect(found ?? '').toBe(seen ? placed(met) : '');
    if (found !== undefined) expect(explored.kind).toBe('partial');
  });

  test.each(FUNCTIONS)('a function that %s', async (name, met) => {
    const task = { target: name, strategy: 'session', seed: 1, budgetMs: 300 };
    const { doubt = '' } = await explorers.examine(task);
    expect(/^the commands share (.*), which (?:is|are) outside the directory/.exec(doubt)?.[1] ?? '').toBe(placed(met));
  });
});

/** Races over what is neither the content of a file nor an entry: each was once called safe. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCampaign } from '../../harness/campaign/campaign.ts';
import type { CommandTarget } from '../../harness/config/config.ts';
import { catalogueUrl, scenariosOf, type Written } from '../../harness/config/load.ts';
import { checked } from '../../harness/config/schema.ts';
import { inMemory } from '../../harness/schedule/sandbox.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { onLinux, python } from '../support/explore-stage.ts';

interface Race {
  /** One line for both sessions, or one for each. */
  readonly commands: string | readonly [string, string];
  readonly needs?: boolean;
}

/** ext4 lists by a hash of the names. */
const memory = onLinux ? inMemory() : undefined;
const TMPFS = 0x1021994;
const listsInOrder = memory !== undefined && statfsSync(memory).type === TMPFS;

const py = (...lines: readonly string[]): string =>
  `"$COLLIDE_TEST_PYTHON" -I -S -c '${['import os, sys', ...lines].join('\n')}'`.replaceAll('\n', '; ');
const counter = (write: string): string => `n=$(cat n); echo $((n + 1)) > ${write}`;

/** FIONREAD and FIOQSIZE tell the size of a file without a read or a stat. */
const SAME_SIZE = 'first = size(); open("v", "w").write(str(first == size()))';

/** In Python, where there is one and the directory can have extended attributes: tmpfs from Linux 6.6. */
const withPython = python !== undefined;

const races: Readonly<Record<string, Race>> = {
  'links of a file are counted': { commands: ['ln n a; stat -c %h n > na', 'ln n b; stat -c %h n > nb'] },
  'links of a directory are counted': { commands: '[ $(stat -c %h d) = 2 ] || exit 1; mkdir d/s{session}' },
  'a name is gone, the descriptor is not': {
    commands: ['exec 3< n; [ "$(stat -Lc %h /dev/fd/3)" = 1 ] && echo live > v || echo dead > v', 'rm n'],
  },
  'a file is replaced, and looked at through a descriptor': {
    commands: ['exec 3< n; [ "$(stat -Lc %h /dev/fd/3)" = 1 ] && echo live > v || echo dead > v', 'echo 1 > t; mv t n'],
  },
  'a mode is a flag': { commands: '[ -x tool ] && exit 1; chmod +x tool' },
  'a mode is asked for by number': { commands: '[ $(stat -c %a n) = 644 ] || exit 1; chmod 600 n' },
  'a tool is taken out of use after it has run': { commands: './runs > out{session} || exit 1; chmod -x runs' },
  'a directory is watched by its time': {
    commands: [
      'stat -c %Y d > m1; stat -c %Y d > m2; cmp -s m1 m2 && echo same > v || echo changed > v; rm m1 m2',
      'touch d/x',
    ],
  },
  'a time is a claim': { commands: '[ $(stat -c %Y n) -lt 1000000000 ] || exit 1; touch n' },
  'the time of a directory is a claim': {
    commands: '[ $(stat -c %Y d) -lt 1000000000 ] || exit 1; touch d/s{session}',
  },
  'entries are listed as they were made': {
    commands: ['touch q/a; touch q/c', 'touch q/b; ls -U q | head -1 > first'],
    needs: listsInOrder,
  },
  'entries are listed as they were moved': {
    commands: ['mv a1 q/a; mv a2 q/c', 'mv a3 q/b; ls -U q | head -1 > first'],
    needs: listsInOrder,
  },
  'directories are listed as they were made': {
    commands: ['mkdir q/a; mkdir q/c', 'mkdir q/b; ls -U q | head -1 > first'],
    needs: listsInOrder,
  },
  'O_APPEND makes nothing of an offset': {
    commands: [
      py('fd = os.open("twenty", os.O_WRONLY | os.O_APPEND)', 'os.pwrite(fd, b"A", 0)', 'os.pwrite(fd, b"A", 0)'),
      py('fd = os.open("twenty", os.O_WRONLY | os.O_APPEND)', 'os.pwrite(fd, b"B", 10)'),
    ],
    needs: withPython,
  },
  'a counter is an attribute': {
    commands: py(
      'n = int(os.getxattr("n", "user.n")) if os.listxattr("n") else 0',
      'os.setxattr("n", "user.n", str(n + 1).encode())',
      'open("last{session}", "w").write(str(n))',
    ),
    needs: withPython,
  },
  'an attribute is a claim': {
    commands: py(
      'fd = os.open("n", os.O_RDWR)',
      'os.listxattr(fd) and sys.exit(1)',
      'os.setxattr(fd, "user.mine", b"1")',
    ),
    needs: withPython,
  },
  'the bytes of a file are counted, and none is read': {
    commands: [
      py('import fcntl', 'fd = os.open("n", 0)', 'size = lambda: fcntl.ioctl(fd, 0x541b, bytes(4))', SAME_SIZE),
      'echo 1 >> n',
    ],
    needs: withPython,
  },
  'the room that a file takes is asked for': {
    commands: [
      py('import fcntl', 'fd = os.open("n", 0)', 'size = lambda: fcntl.ioctl(fd, 0x5460, bytes(8))', SAME_SIZE),
      'head -c 9000 /dev/zero >> n',
    ],
    needs: withPython,
  },
  'a write goes through /proc/self/fd': { commands: `exec 3<> n; ${counter('/proc/self/fd/3')}` },
  'a write goes through /dev/fd': { commands: `exec 3<> n; ${counter('/dev/fd/3')}` },
  'a write goes through /dev/stdout': { commands: 'exec 3<> n; n=$(cat n); echo $((n + 1)) > /dev/stdout >&3' },
  'a write goes through /proc/self/cwd': { commands: counter('/proc/self/cwd/n') },
  'a write goes through /proc/self/root': { commands: counter('"/proc/self/root$PWD/n"') },
  'a write goes through the directory above': { commands: counter('"../$(basename "$PWD")/n"') },
  'a write goes through a link and out of it again': { commands: counter('to-deep/../n2/../../n') },
  'a counter lies below another root': {
    commands: py('os.chroot("w")', 'os.chdir("/")', 'n = int(open("/n").read())', 'open("/n", "w").write(str(n + 1))'),
    needs: withPython && process.getuid?.() === 0,
  },
  'a counter lies below another root, and beside it': {
    commands: [
      py('os.chroot(".")', 'os.chdir("/")', 'n = int(open("/w/n").read())', 'open("/w/n", "w").write(str(n + 1))'),
      `n=$(cat w/n); echo $((n + 1)) > w/n`,
    ],
    needs: withPython && process.getuid?.() === 0,
  },
  'a working directory is moved': {
    commands: ['cd w && n=$(cat n) && echo $((n + 1)) > n', 'mv w v && n=$(cat v/n) && echo $((n + 1)) > v/n'],
  },
};

const names = Object.keys(races).filter((name) => races[name]!.needs !== false);
const idOf = (name: string): string => `r${Object.keys(races).indexOf(name)}`;

const LONG_AGO_S = 978_307_200; // 2001-01-01

function furnish(dir: string): void {
  const file = (path: string, content: string): void => writeFileSync(join(dir, path), content);
  for (const path of ['d', 'q', 'w', 'deep', 'deep/e', 'deep/n2']) mkdirSync(join(dir, path));
  for (const path of ['n', 'w/n']) file(path, '0\n');
  for (const path of ['a1', 'a2', 'a3', 'tool']) file(path, '');
  file('twenty', '.'.repeat(20));
  file('runs', '#!/bin/sh\necho ran\n');
  chmodSync(join(dir, 'tool'), 0o644);
  chmodSync(join(dir, 'n'), 0o644);
  chmodSync(join(dir, 'runs'), 0o755);
  symlinkSync('deep/e', join(dir, 'to-deep'));
  for (const path of ['n', 'd']) utimesSync(join(dir, path), LONG_AGO_S, LONG_AGO_S);
}

describe.skipIf(!onLinux)('what two sessions do to each other is found where', () => {
  let sandbox: string;
  let verdicts: readonly Verdict[];

  beforeAll(async () => {
    sandbox = mkdtempSync(join(memory ?? tmpdir(), 'collide-test-'));
    furnish(sandbox);
    const target = (name: string): CommandTarget => {
      const { commands } = races[name]!;
      return { id: idOf(name), dir: sandbox, commands: typeof commands === 'string' ? [commands, commands] : commands };
    };
    const { targets } = checked({ targets: names.map(target) }, 'the test');
    const written: Written = { targets, dir: sandbox, name: 'the test' };
    const scenarios = await scenariosOf(written);
    const plan = {
      engine: 'explore',
      scenarios,
      catalogue: catalogueUrl(written),
      writers: 2,
      modes: ['shared'],
    } as const;
    const campaign = await runCampaign({ ...plan, seed: 1, budgetMs: 120_000 }, new AbortController().signal, () => {});
    ({ verdicts } = campaign);
  }, 180_000);

  afterAll(() => rmSync(sandbox, { recursive: true }));

  test.each(names)('%s', (name) => {
    const { status, reason, strength } = verdicts.find(({ target }) => target === idOf(name))!;
    expect(status, `${reason}, ${JSON.stringify(strength)}`).toBe('COLLIDES');
  });
});

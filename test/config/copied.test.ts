import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCopied, copy } from '../../harness/config/copied.ts';
import { ConfigError } from '../../harness/config/error.ts';

let base: string;
let dir: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'collide-test-'));
  dir = join(base, 'dir');
  mkdirSync(dir);
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

test.each([
  ['/dev/shm', 'a directory below /dev'],
  ['/dev/pts/..', 'the same by another path'],
  ['/proc', 'a file system of the kernel'],
  ['/proc/sys/kernel', 'a directory below /proc'],
  ['../elsewhere', 'a directory beside'],
  ['/dev/shm/there-is-no-such-file', 'nothing yet'],
])('a link to %s, %s, leads out', (target) => {
  mkdirSync(join(base, 'elsewhere'));
  symlinkSync(target, join(dir, 'out'));
  expect(() => checkCopied(dir, '--dir dir')).toThrow('out is a link to');
});

test.each(['null', 'zero', 'full', 'random', 'urandom', 'tty', 'stdin', 'stdout', 'stderr', 'fd', 'fd/2'])(
  'a link to /dev/%s leads nowhere',
  (name) => {
    symlinkSync(`/dev/${name}`, join(dir, 'device'));
    expect(() => checkCopied(dir, '--dir dir')).not.toThrow();
  },
);

test('a link that names the directory from the root leads to the copy in the copy', () => {
  mkdirSync(join(dir, 'sub'));
  writeFileSync(join(dir, 'file'), '');
  const links = { 'sub/up': 'file', 'to-self': '', 'to-nothing': 'sub/later' };
  for (const [link, target] of Object.entries(links)) symlinkSync(join(dir, target), join(dir, link));
  symlinkSync('file', join(dir, 'relative'));
  checkCopied(dir, '--dir dir');
  const to = join(base, 'copy');
  copy(dir, to);
  expect(Object.keys(links).map((link) => readlinkSync(join(to, link)))).toEqual(['../file', '.', 'sub/later']);
  expect(readlinkSync(join(to, 'relative'))).toBe('file');
  expect(existsSync(join(to, 'sub/up'))).toBe(true);
});

test('a FIFO is made anew: commands that read it would otherwise find nothing, or make a file of that name', () => {
  mkdirSync(join(dir, 'sub'));
  execFileSync('mkfifo', ['-m', '600', join(dir, 'sub', 'fifo')]);
  copy(dir, join(base, 'copy'));
  const made = lstatSync(join(base, 'copy', 'sub', 'fifo'));
  expect([made.isFIFO(), made.mode & 0o777]).toEqual([true, 0o600]);
});

test('a name that is not UTF-8 is named: files can not be found by it', () => {
  writeFileSync(Buffer.concat([Buffer.from(join(dir, 'bad')), Buffer.from([0xff])]), '');
  expect(() => checkCopied(dir, '--dir dir')).toThrow(
    new ConfigError("--dir dir: a file name that is not UTF-8 can't be compared: bad\\377"),
  );
  writeFileSync(join(base, 'replaced \uFFFD'), '');
  rmSync(dir, { recursive: true });
  expect(() => checkCopied(base, '--dir base')).not.toThrow();
});

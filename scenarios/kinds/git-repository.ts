import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import type { Strategy, UnderFault } from '../../harness/scenario/scenario.ts';

/**
 * git waits up to 100 ms for the lock of a ref, and a second for that of the packed refs, by the clock: who is told at once can try
 * again, and what happens does not hang on how fast a machine is. Nothing is done in the background, and by no other thread.
 */
const CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = false
	filesRefLockTimeout = 0
	packedRefsTimeout = 0
	preloadIndex = false
	checkStat = minimal
	trustctime = false
[index]
	threads = 1
[gc]
	auto = 0
[maintenance]
	auto = false
[user]
	name = A session
	email = session@example.invalid
`;

/** Nothing but what the repository says, and commits that are the same whenever they are made. */
export const GIT_ENV = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
} as const;

/** The names of its temporary files that git draws: `objects/0d/tmp_obj_Ab12Cd`. */
export const TEMPORARY_NAMES = /(?<=tmp_obj_)\w{6}/g;

/** A repository with one empty commit, written as git would: a process for it would take longer than what is to be seen. */
export function createRepository(dir: string): void {
  const git = (path: string): string => join(dir, '.git', path);
  const write = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(git(path)), { recursive: true });
    writeFileSync(git(path), content);
  };
  for (const path of ['refs/heads', 'refs/tags', 'objects/info', 'objects/pack', 'info']) {
    mkdirSync(git(path), { recursive: true });
  }
  write('HEAD', 'ref: refs/heads/main\n');
  write('config', CONFIG);
  const tree = store('tree', '');
  const who = 'A session <session@example.invalid> 1767225600 +0000';
  const commit = store('commit', `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nThe beginning\n`);
  write('refs/heads/main', `${commit}\n`);

  function store(type: string, content: string): string {
    const object = Buffer.from(`${type} ${Buffer.byteLength(content)}\0${content}`);
    const id = createHash('sha1').update(object).digest('hex');
    write(`objects/${id.slice(0, 2)}/${id.slice(2)}`, deflateSync(object));
    return id;
  }
}

/** A work tree beside the first one, with a branch of its own. */
export function addWorktree(dir: string, name: string): void {
  const own = join(dir, '.git', 'worktrees', name);
  const tree = join(dir, `worktree-${name}`);
  mkdirSync(own, { recursive: true });
  mkdirSync(tree);
  writeFileSync(join(own, 'HEAD'), `ref: refs/heads/${name}\n`);
  writeFileSync(join(own, 'commondir'), '../..\n');
  writeFileSync(join(own, 'gitdir'), `${join(tree, '.git')}\n`);
  writeFileSync(join(tree, '.git'), `gitdir: ../.git/worktrees/${name}\n`);
  copyFileSync(join(dir, '.git', 'refs', 'heads', 'main'), join(dir, '.git', 'refs', 'heads', name));
}

/** What git prints; it may say that it failed. */
export const git = (dir: string, ...args: readonly string[]): string =>
  execFileSync('git', args, {
    cwd: dir,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...GIT_ENV },
  });

/**
 * What is left of a repository when the power fails, by class. git 2.39 flushes neither loose objects nor refs, unless core.fsync
 * says so.
 */
export const unflushed = (truth: readonly CollisionClass[]): NonNullable<Strategy['underFaults']> => {
  const why = UNFLUSHED.flatMap(([kind, words]) => (truth.includes(kind) ? [words] : [])).join('; ');
  const underFault: UnderFault = { truth, why: `git flushes neither loose objects nor refs: ${why}.` };
  return { 'power-posix': underFault, 'power-ext4': underFault };
};

const UNFLUSHED: readonly (readonly [CollisionClass, string])[] = [
  ['STUCK', 'a lock or a claim may be there without a holder'],
  ['LOST_ON_CRASH', 'what was acknowledged may be gone'],
  ['CORRUPT_ON_CRASH', 'an object that a ref leads to may be empty'],
];

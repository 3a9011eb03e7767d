/** Files and directories that say by being there that something is taken; and those that only look like that. */

import type { LockSeen, Sighting } from './sighting.ts';

const LOCK_NAME = /(^|[./_-])(lock|lck|pid|lockfile)$/i;

/** Locked versions of dependencies: lists that are kept for ever. */
const DEPENDENCIES =
  /^(yarn|cargo|poetry|gemfile|composer|flake|uv|pdm|pipfile|bun|deno|mix|pubspec|podfile|pixi|conda|devbox|package|npm-shrinkwrap|gradle|buildscript-gradle|chart|rebar|symfony|mint|berksfile|puppetfile|cartfile|conan|stack|shard|opam|dub|renv|packages|paket|project)\.(lock|lck)$/i;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const isLockName = (path: string): boolean => LOCK_NAME.test(nameOf(path)) && !DEPENDENCIES.test(nameOf(path));

/** Git creates these with O_EXCL, and removes or renames them: https://git-scm.com/docs/api-lockfile. */
const isGits = (path: string): boolean => /(^|\/)\.git\/.*\.lock$/.test(path);

/** The process id in a lock, where there is one. */
export function pidIn(text: string): number | undefined {
  const plain = /^\s*(\d{1,10})\s*(\n|$)/.exec(text)?.[1] ?? /"?\bpid"?\s*[:=]\s*"?(\d{1,10})\b/i.exec(text)?.[1];
  return plain === undefined || Number(plain) < 2 ? undefined : Number(plain);
}

/**
 * Will nobody give it back? A lock that a living process has its id in, or has locked, is in use. An empty file that was never
 * seen to come and go may be there for flock(2) only, which does not care how old it is.
 *
 * @param comesAndGoes whether the same name was seen to be created and removed.
 */
export function staleLock(lock: LockSeen, limitMs: number, comesAndGoes: boolean, atMs: number): Sighting | undefined {
  const { path, ageMs, directory, pid, alive, held } = lock;
  if (ageMs < limitMs || held || alive === true) return undefined;
  const byBeingThere = isGits(path) || directory || comesAndGoes;
  if (pid === undefined && !byBeingThere) return undefined;
  const age = `${ageMs < 120_000 ? `${Math.round(ageMs / 1000)} s` : `${Math.round(ageMs / 60_000)} min`} old`;
  return {
    kind: 'stale-lock',
    path,
    atMs,
    class: 'STUCK',
    sureness: 'likely',
    what:
      pid === undefined
        ? `${age}, and those who take it do so by creating it: nobody can`
        : `${age}, and process ${pid}, which stands in it, is not there any more`,
    unless:
      pid === undefined
        ? 'its holder takes longer than the limit'
        : 'its writers lock the file itself, or the process is one of another machine or container',
    versions: [],
  };
}

import { execFileSync } from 'node:child_process';

const REF = 'refs/coordination/leader';
const NO_OBJECT = '0'.repeat(40);

/**
 * Claims what one session may have at a time, by a git ref that must not be there yet and leads to the name of its holder.
 * The claim, for its release; undefined for whoever did not get it.
 *
 * Works because git compares the old value while it holds the lock of the ref, a file that it makes with O_EXCL. Who only met
 * that lock is refused as well, and may try again. It binds the sessions of one repository, with all its work trees; clones
 * have refs of their own.
 */
export function claimByRef(dir: string, holder: string): string | undefined {
  const claim = git(dir, ['hash-object', '-w', '--stdin'], holder);
  return updates(dir, REF, claim, NO_OBJECT) ? claim : undefined;
}

/** Gives up one's own claim, and nobody else's. Who asks for it at that very moment holds the lock of the ref: tried again. */
export const releaseRef = (dir: string, claim: string): boolean =>
  Array.from({ length: RELEASES_MAX }).some(() => updates(dir, '-d', REF, claim));

const RELEASES_MAX = 3;

function updates(dir: string, ...args: readonly string[]): boolean {
  try {
    git(dir, ['update-ref', ...args]);
    return true;
  } catch {
    return false;
  }
}

const git = (dir: string, args: readonly string[], input = ''): string =>
  execFileSync('git', args, { cwd: dir, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }).trim();

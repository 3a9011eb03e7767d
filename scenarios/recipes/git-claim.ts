import { execFileSync } from 'node:child_process';

const REF = 'refs/coordination/leader';
const NO_OBJECT = '0'.repeat(40);

/**
 * Claims what one session may have at a time, by a git ref that must not be there yet: true for the one who made it.
 *
 * Works because git compares the old value while it holds the lock of the ref, a file that it makes with O_EXCL. Who only met
 * that lock is refused as well, and may try again.
 */
export const claimByRef = (dir: string): boolean => updates(dir, REF, 'HEAD', NO_OBJECT);

/** Who asks for it at that very moment holds the lock of the ref. A claim that is left there is safe, but nobody leads any more. */
export const releaseRef = (dir: string): boolean =>
  Array.from({ length: RELEASES_MAX }).some(() => updates(dir, '-d', REF));

const RELEASES_MAX = 3;

function updates(dir: string, ...args: readonly string[]): boolean {
  try {
    execFileSync('git', ['update-ref', ...args], { cwd: dir, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

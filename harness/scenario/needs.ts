import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const POSIX = ['cat', 'cp', 'date', 'ln', 'mkdir', 'mkfifo', 'mv', 'rm', 'rmdir', 'sleep', 'tail', 'touch'];

/** Needs that are no program on PATH. Each probe throws where the need can't be met. */
const probes: Readonly<Record<string, () => Promise<unknown>>> = {
  /** What shell scripts take for granted: they would call a command that isn't there a refusal. */
  'POSIX utilities': async () => {
    const missing = POSIX.filter((program) => !onPath(program));
    if (missing.length > 0) throw new Error(`${missing.join(', ')} not on PATH`);
  },
  'flock(2)': async () => (await import('koffi')).default.load(null).func('int flock(int fd, int operation)'),
};

/**
 * The first of some needs that this machine can't meet, as a reason for people; undefined where all are met.
 * A need is a program on PATH (`jq`), one of several (`flock|lockf`), or one of the probes above (`flock(2)`).
 */
export async function missingNeed(needs: readonly string[]): Promise<string | undefined> {
  for (const need of needs) {
    const probe = probes[need];
    if (probe === undefined) {
      if (!need.split('|').some(onPath)) return `needs ${need.replaceAll('|', ' or ')}, which is not on PATH`;
    } else {
      const failure = await probe().then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (failure !== undefined) return `needs ${need}, which this machine does not have: ${failure}`;
    }
  }
  return undefined;
}

/** Where PATH has a program; undefined where it has not. */
export function onPath(program: string): string | undefined {
  const places = (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, program));
  return places.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

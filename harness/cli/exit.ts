/** Part of the public interface: scripts depend on these numbers. */
export const exitCode = {
  /** All as expected. */
  ok: 0,
  /** A collision that was not expected, or a row without a verdict that should have one. */
  unexpected: 1,
  /** The caller's mistake. */
  usage: 2,
  /** The harness could not do its work. */
  failure: 3,
  /** Ctrl-C: 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

/** The caller's mistake: one line that names the flag, the value and the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space, or name another file system with --dir (sandboxes) or --out (results)',
  EDQUOT: 'the disk quota is used up: free some space, or name another file system with --dir or --out',
  EROFS: 'the file system is read-only: name another with --dir (sandboxes) or --out (results)',
  EACCES:
    'that is not allowed here: check who owns it, or name another place with --dir (sandboxes) or --out (results)',
  EMFILE: 'too many open files: raise the limit with `ulimit -n`, or use fewer --writers',
  ENFILE: 'the system has no more open files to give: close something, or use fewer --writers',
  EAGAIN: 'no more processes can be started: raise the limit with `ulimit -u`, or use fewer --writers',
};

/** Errors whose message is written for people, and what they mean for the exit code. */
const foreseen: Readonly<Record<string, number>> = {
  UsageError: exitCode.usage,
  ConfigError: exitCode.usage,
  BaselineError: exitCode.usage,
  UnknownTarget: exitCode.usage,
  WitnessError: exitCode.usage,
  NotExaminable: exitCode.usage,
  JudgeFailed: exitCode.usage,
  BrokenGround: exitCode.failure,
  SessionsNotStarted: exitCode.failure,
  NoGate: exitCode.failure,
  Undecided: exitCode.failure,
  SessionLost: exitCode.failure,
};

/** Any error as one line and an exit code. What nobody foresaw is our own bug, and shows its stack. */
export function explain(error: unknown): { readonly line: string; readonly code: number } {
  if (!(error instanceof Error)) return { line: String(error), code: exitCode.failure };
  const code = foreseen[error.name];
  if (code === exitCode.usage) return { line: error.message, code };
  const errno = (error as NodeJS.ErrnoException).code ?? /\b(E[A-Z]{3,})\b/.exec(error.message)?.[1];
  const remedy = errno === undefined ? undefined : remedies[errno];
  if (remedy !== undefined) return { line: `${error.message}; ${remedy}`, code: exitCode.failure };
  if (code !== undefined) return { line: error.message, code };
  return { line: `this is a bug in collide: ${error.stack ?? error.message}`, code: exitCode.failure };
}

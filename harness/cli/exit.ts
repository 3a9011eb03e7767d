import type { Judgement } from '../report/judged.ts';

/** Part of the public interface: scripts depend on these numbers. */
export const exitCode = {
  /** All as expected. */
  ok: 0,
  /** A collision that was not expected. */
  unexpected: 1,
  /** The caller's mistake. */
  usage: 2,
  /** The harness could not do its work, or has done it and there is no verdict. */
  failure: 3,
  /** Ctrl-C: 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

/** What came of a command's work. A mistake of the caller, and what the harness can't do, are thrown, and come first: see `explain`. */
export interface Came {
  readonly interrupted?: boolean;
  /** The harness broke off: what was found until then is not all. */
  readonly broken?: boolean;
  /** Of every row, cell or execution that was to be judged. */
  readonly judgements: readonly Judgement[];
  /** Is it no reason to fail that nothing could be run? */
  readonly allowSkipped?: boolean;
}

/** The exit code of every command that judges: the first line that applies. */
export function codeFor({ interrupted = false, broken = false, judgements, allowSkipped = false }: Came): number {
  if (interrupted) return exitCode.interrupted;
  if (broken) return exitCode.failure;
  if (judgements.includes('wrong')) return exitCode.unexpected;
  if (judgements.includes('unjudged')) return exitCode.failure;
  const ran = judgements.some((judgement) => judgement !== 'skipped');
  return ran || allowSkipped ? exitCode.ok : exitCode.failure;
}

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

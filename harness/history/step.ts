/**
 * A step: one system call of a session on the shared resource or its server, as the gate saw it. Plain data. What the call
 * touches is named by identity (inode, directory entry, lock, server) and not by path, so that it is known which steps of
 * different sessions commute.
 */

/** The kinds of call that reach a shared resource, each under the name of its most usual system call. */
export type Call =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'copy'
  | 'stat'
  | 'access'
  | 'list'
  | 'readlink'
  | 'execute'
  | 'rename'
  | 'link'
  | 'symlink'
  | 'unlink'
  | 'mkdir'
  | 'rmdir'
  | 'attributes'
  | 'sync'
  | 'lock'
  | 'trylock'
  | 'unlock'
  | 'close'
  | 'map'
  | 'exit'
  | 'sleep'
  | 'connect'
  | 'send'
  | 'receive'
  | 'disconnect'
  | 'power';

/** What a step does to one object. Two `add`s (entries of different names in one directory) commute with each other. */
export interface Access {
  /** `entry state.json`, `inode state.json`, `names .`, `lock state.lock`, `server Redis`: an identity for one execution. */
  readonly object: string;
  readonly mode: 'read' | 'write' | 'add';
  /** Bytes from `from` up to and without `to`, where not all of the object is touched. */
  readonly from?: number;
  readonly to?: number;
}

export interface Step {
  /** Index of the session. */
  readonly session: number;
  /** Number of the session's operation, from 0. */
  readonly operation: number;
  readonly call: Call;
  /**
   * Relative to the resource, pids and session ids masked (`state.json.%`): the same in every execution. Of a call on a
   * connection: how its server is called.
   */
  readonly path: string;
  /** The second path of rename, link and symlink. */
  readonly to?: string;
  /** Flags that matter: `CREAT`, `EXCL`, `TRUNC`, `APPEND`; of flock(2) `EX` or `SH`. */
  readonly flags?: readonly string[];
  /** What the call will answer in the state it is made in, where that is an error: `EEXIST`. */
  readonly error?: string;
  /** What goes wrong with it, because a fault plan says so: in words. */
  readonly fault?: string;
  /** What it touches. Left out: could be anything, so that it commutes with nothing. */
  readonly accesses?: readonly Access[];
  /** What was read or written, as text, cut to a legible length; only in executions that are recorded to be shown. */
  readonly data?: string;
  /** How many bytes that was. */
  readonly bytes?: number;
}

/** Does the order of two steps matter? Steps of one session are always in order. */
export function dependent(a: Step, b: Step): boolean {
  if (a.session === b.session || a.accesses === undefined || b.accesses === undefined) return true;
  return a.accesses.some((x) => b.accesses!.some((y) => conflicting(x, y)));
}

function conflicting(x: Access, y: Access): boolean {
  if (x.object !== y.object || (x.mode === y.mode && x.mode !== 'write')) return false;
  const apart =
    (x.to ?? Number.POSITIVE_INFINITY) <= (y.from ?? 0) || (y.to ?? Number.POSITIVE_INFINITY) <= (x.from ?? 0);
  return !apart;
}

/** What comes in from a directory that is watched, and what is made of it: plain data. */

import type { Damage } from '../damage/kinds.ts';
import type { CollisionClass } from '../oracle/finding.ts';

/** One look at a directory. Times are in ms, of whatever clock, as long as it is one. Paths are relative to the directory. */
export type Observation =
  /** A file as it was read: new, changed, or there from the start. */
  | {
      readonly type: 'file';
      readonly path: string;
      readonly atMs: number;
      /** Another one is another file, though it has the same name: inode and time of birth. */
      readonly identity: string;
      readonly bytes: Uint8Array;
    }
  /** Something that is only counted, and not read: a backup, a lock, a directory that is a lock. */
  | { readonly type: 'name'; readonly path: string; readonly atMs: number }
  | { readonly type: 'gone'; readonly path: string; readonly atMs: number }
  /** Git has moved: its HEAD, its index or the lock of that. What files hold then is its doing. */
  | { readonly type: 'git'; readonly atMs: number }
  /** Now and then, so that time passes where nothing happens; with what is to be known of the locks. */
  | { readonly type: 'look'; readonly atMs: number; readonly locks: readonly LockSeen[] };

export interface LockSeen {
  readonly path: string;
  readonly ageMs: number;
  readonly directory: boolean;
  /** That stands in it. */
  readonly pid?: number;
  /** Is there such a process? */
  readonly alive?: boolean;
  /** Some process has it locked, by flock(2) or fcntl(2). */
  readonly held: boolean;
}

export const sightingKinds = {
  torn: 'a state that can not be read',
  'torn-ledger': 'a torn ledger',
  vanished: 'an update that vanished',
  'went-back': 'a counter that went back',
  'stale-lock': 'a lock that nobody will give back',
  pile: 'a growing pile',
} as const;

export type SightingKind = keyof typeof sightingKinds;

/** One case of real life. */
export interface Sighting {
  readonly kind: SightingKind;
  readonly path: string;
  readonly atMs: number;
  /** Left out where it is a symptom of several. */
  readonly class?: CollisionClass;
  /** `certain`: it was there, byte for byte. `likely`: something else is possible, and said in `unless`. */
  readonly sureness: 'certain' | 'likely';
  /** What was seen, in words. */
  readonly what: string;
  readonly unless?: string;
  readonly damage?: Damage;
  /** Of a torn state: how long after it was seen the file was seen whole again. Left out while it is not. */
  readonly mendedMs?: number;
  /** Oldest first. */
  readonly versions: readonly SeenVersion[];
  /** What a scenario needs to know of the writer. */
  readonly writer?: Writer;
}

export interface SeenVersion {
  readonly role: 'before' | 'between' | 'after' | 'torn';
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

export interface Writer {
  /** A file with another inode is another file, that was renamed to its place. */
  readonly inPlace: boolean;
  /** The keys that lead to what vanished, or went back, in a document. */
  readonly at?: readonly string[];
}

/** What a session has of the files that it works on, besides descriptors: locks, and maps of their content. */

import type { Access, Step } from '../history/step.ts';
import type { LockRequest, Request } from './request.ts';

type RangeLock = Extract<LockRequest, { kind: 'fcntl' }>;

/** A range that is locked by fcntl(2). */
interface Span {
  readonly owner: string;
  readonly from: number;
  readonly to: number;
  readonly shared: boolean;
}

/**
 * The locks on one file, as far as the session was seen to take them. What is given back otherwise than by an unlock, as by close(2),
 * counts as held, until somebody has what could not be had together with it.
 */
interface Locked {
  /** The file's name for this execution. */
  readonly label: string;
  /** How many open files may have the lock of flock(2). */
  flocks: number;
  spans: readonly Span[];
}

/** Whose a lock is. */
export interface Holder {
  /** Of a lock by fcntl(2): the process, or the open file. */
  readonly owner: string;
  /** Does the open file have the lock of flock(2) at this moment? */
  readonly has: boolean;
}

interface Mapped {
  readonly label: string;
  /** Below the root. */
  readonly path: string;
  /** May it write there, for all to see? Else it only reads. */
  readonly writes: boolean;
}

export class Holdings {
  readonly #locked = new Map<number, Locked>();
  /** Files of which the session has a map, by inode. */
  readonly #mapped = new Map<number, Mapped>();

  clear(): void {
    this.#locked.clear();
    this.#mapped.clear();
  }

  get mapsAnything(): boolean {
    return this.#mapped.size > 0;
  }

  /** The paths of all files that it may write to by a map that others see. */
  get shared(): readonly string[] {
    return [...this.#mapped.values()].filter(({ writes }) => writes).map(({ path }) => path);
  }

  get locksAnything(): boolean {
    return this.#locked.size > 0;
  }

  locks(ino: number | undefined): boolean {
    return ino !== undefined && this.#locked.has(ino);
  }

  /** Of all files that it has a lock on. */
  get labels(): readonly string[] {
    return [...this.#locked.values()].map(({ label }) => label);
  }

  /** @param holder as it was just before. */
  took({ file, lock }: Request, label: string, { owner, has }: Holder): void {
    if (looksOnly(lock)) return;
    const { ino } = file!;
    const locked = this.#locked.get(ino) ?? { label, flocks: 0, spans: [] };
    this.#locked.set(ino, locked);
    if (lock?.kind === 'fcntl') {
      const { from, to } = ends(lock.range);
      const { shared, somewhere } = lock;
      const goes = (span: Span): boolean => span.owner === owner || !(shared && span.shared);
      const kept = somewhere ? locked.spans : without(locked.spans, { from, to }, goes);
      locked.spans = [...kept, { owner, from, to, shared }];
    } else if (lock !== undefined && (lock.operation & LOCK_EX) === 0) {
      if (!has || locked.flocks === 0) locked.flocks++;
    } else locked.flocks = 1;
  }

  /** @param holder as it was just before. */
  gaveBack({ file, lock }: Request, { owner, has }: Holder): void {
    const { ino } = file!;
    const locked = this.#locked.get(ino);
    if (locked === undefined || looksOnly(lock)) return;
    if (lock?.kind !== 'fcntl') locked.flocks -= Number(has);
    else if (!lock.somewhere) locked.spans = without(locked.spans, ends(lock.range), (span) => span.owner === owner);
    if (locked.flocks <= 0 && locked.spans.length === 0) this.#locked.delete(ino);
  }

  /** Does it have this range together with others who may? */
  shares({ file, lock }: Request): boolean {
    if (lock?.kind !== 'fcntl') return false;
    const range = ends(lock.range);
    const there = this.#locked.get(file!.ino)?.spans.filter((span) => overlap(span, range)) ?? [];
    return there.length > 0 && there.every(({ shared }) => shared);
  }

  mapped(ino: number, label: string, path: string, writes: boolean): void {
    this.#mapped.set(ino, { label, path, writes: writes || this.#mapped.get(ino)?.writes === true });
  }

  /** The file that the session has a map of, and that a step of another one changes: what was seen there before, nobody tells. */
  changedUnder({ accesses }: Step): string | undefined {
    const changed = accesses?.filter(({ mode }) => mode === 'write').map(({ object }) => object) ?? [];
    return [...this.#mapped.values()].find(({ label }) => changed.includes(`inode ${label}`))?.path;
  }

  /**
   * What a session may do through its maps after a step, unseen by the gate, until its next one. SQLite's index of the
   * write-ahead log, `X-shm`, is only written under an exclusive lock on a range of that very file (sqlite.org/walformat.html,
   * "WAL-Index Locks"), and only through maps; of other maps nothing is known but whether they can be written to.
   *
   * @param request of the step: a lock that it takes counts already.
   */
  unseen({ call, file, lock }: Request): readonly Access[] {
    const takes = (call === 'lock' || call === 'trylock') && lock?.kind === 'fcntl' && !lock.shared;
    return [...this.#mapped].map(([ino, { label, path, writes }]) => {
      if (!path.endsWith('-shm')) return { object: `inode ${label}`, mode: writes ? 'write' : 'read' };
      const { flocks = 0, spans = [] } = this.#locked.get(ino) ?? {};
      const exclusive = flocks > 0 || spans.some(({ shared }) => !shared);
      return { object: `map ${label}`, mode: writes && (exclusive || (takes && file?.ino === ino)) ? 'write' : 'read' };
    });
  }
}

const LOCK_EX = 2;
/** F_GETLK, F_OFD_GETLK: fcntl.h */
const LOOKS: readonly number[] = [5, 36];

const looksOnly = (lock: LockRequest | undefined): boolean => lock?.kind === 'fcntl' && LOOKS.includes(lock.command);

interface Ends {
  readonly from: number;
  readonly to: number;
}

const ends = ({ from, to = Number.POSITIVE_INFINITY }: RangeLock['range']): Ends => ({ from, to });

const overlap = (a: Ends, b: Ends): boolean => a.from < b.to && b.from < a.to;

/** What is left of those that go where they lie within the range; the others as they are. */
const without = (spans: readonly Span[], { from, to }: Ends, goes: (span: Span) => boolean): readonly Span[] =>
  spans.flatMap((span) => {
    if (!goes(span) || !overlap(span, { from, to })) return span;
    const rest = [
      { ...span, to: from },
      { ...span, from: to },
    ];
    return rest.filter((each) => each.from < each.to);
  });

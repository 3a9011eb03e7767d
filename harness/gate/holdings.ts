/** What a session has of the files that it works on, besides descriptors: locks, and maps of their content. */

import type { Access, Step } from '../history/step.ts';
import type { Request } from './request.ts';

/** The locks on one file: where each begins, in bytes, and whether it admits others of its kind. A flock(2) begins at 0. */
type Ranges = Map<number, 'shared' | 'exclusive'>;

interface Locked {
  /** The file's name for this execution. */
  readonly label: string;
  readonly ranges: Ranges;
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

  took({ file, lock }: Request, label: string): void {
    const { ino } = file!;
    const locked = this.#locked.get(ino) ?? { label, ranges: new Map() };
    this.#locked.set(ino, locked);
    if (lock?.kind === 'fcntl')
      for (const byte of bytesOf(lock.range)) locked.ranges.set(byte, lock.shared ? 'shared' : 'exclusive');
    else locked.ranges.set(0, 'exclusive');
  }

  gaveBack({ file, lock }: Request): void {
    const { ino } = file!;
    const ranges = this.#locked.get(ino)?.ranges;
    if (lock?.kind === 'fcntl') for (const byte of bytesOf(lock.range)) ranges?.delete(byte);
    if (lock?.kind !== 'fcntl' || ranges?.size === 0) this.#locked.delete(ino);
  }

  /** Does it have this range together with others who may? */
  shares({ file, lock }: Request): boolean {
    if (lock?.kind !== 'fcntl') return false;
    return this.#locked.get(file!.ino)?.ranges.get(lock.range.from) === 'shared';
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
      const exclusive = [...(this.#locked.get(ino)?.ranges.values() ?? [])].includes('exclusive');
      return { object: `map ${label}`, mode: writes && (exclusive || (takes && file?.ino === ino)) ? 'write' : 'read' };
    });
  }
}

/** Each counts for itself where there are few, as in SQLite's protocol; else the first stands for all. */
const bytesOf = ({
  from,
  to = Number.POSITIVE_INFINITY,
}: {
  readonly from: number;
  readonly to?: number;
}): readonly number[] => (to - from > 16 ? [from] : Array.from({ length: to - from }, (_, at) => from + at));

/** What a session has of the files that it works on, besides descriptors: locks, and maps of their content. */

import type { Access } from '../history/step.ts';
import type { Request } from './request.ts';

/** The locks on one file: where each begins, in bytes, and whether it admits others of its kind. A flock(2) begins at 0. */
type Ranges = Map<number, 'shared' | 'exclusive'>;

interface Locked {
  /** The file's name for this execution. */
  readonly label: string;
  readonly ranges: Ranges;
}

export class Holdings {
  readonly #locked = new Map<number, Locked>();
  /** Files of which the session has a map that others see (MAP_SHARED), by inode; `path`: below the root. */
  readonly #mapped = new Map<number, { readonly label: string; readonly path: string }>();

  clear(): void {
    this.#locked.clear();
    this.#mapped.clear();
  }

  get mapsAnything(): boolean {
    return this.#mapped.size > 0;
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

  mapped(ino: number, label: string, path: string): void {
    this.#mapped.set(ino, { label, path });
  }

  /**
   * What a session may do through its maps after a step, unseen by the gate, until its next one. SQLite's index of the
   * write-ahead log, `X-shm`, is only written under an exclusive lock on a range of that very file (sqlite.org/walformat.html,
   * "WAL-Index Locks"); of other maps nothing is known.
   *
   * @param request of the step: a lock that it takes counts already.
   */
  unseen({ call, file, lock }: Request): readonly Access[] {
    const takes = (call === 'lock' || call === 'trylock') && lock?.kind === 'fcntl' && !lock.shared;
    return [...this.#mapped].map(([ino, { label, path }]) => {
      const exclusive = [...(this.#locked.get(ino)?.ranges.values() ?? [])].includes('exclusive');
      const writes = !path.endsWith('-shm') || exclusive || (takes && file?.ino === ino);
      return { object: `map ${label}`, mode: writes ? 'write' : 'read' };
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

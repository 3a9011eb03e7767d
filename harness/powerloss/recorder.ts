import { effectsBetween } from './difference.ts';
import { type Disk, diskAt } from './disk.ts';
import type { Effect } from './effects.ts';

/**
 * Follows a directory from call to call. To be asked after each call that may have changed it, while nothing else runs.
 *
 * Inodes get numbers of the recorder's own. A file system gives the number of a file that is gone to the next one that is
 * made; here, an inode that was absent once is another one when its number comes back. A file that lost its last name is gone
 * even if a session still has it open: whatever is written to it, no power loss brings it back.
 */
export class Recorder {
  /** As it was in the beginning. */
  readonly initial: Disk;
  readonly #dir: string;
  #disk: Disk;
  #known: ReadonlyMap<bigint, Known> = new Map();
  #count = 0;

  /** @param dir the shared directory. */
  constructor(dir: string) {
    this.#dir = dir;
    this.#disk = this.#read();
    this.initial = this.#disk;
  }

  /** As it was when last looked at. */
  get disk(): Disk {
    return this.#disk;
  }

  /** What the call did that was made since the last time. */
  changes(): readonly Effect[] {
    const before = this.#disk;
    this.#disk = this.#read(before);
    return effectsBetween(before, this.#disk);
  }

  /** The number here of an inode that had a name when last looked at. @param real as of stat(2), which fsync goes by. */
  numberOf(real: bigint | number): number | undefined {
    return this.#known.get(BigInt(real))?.number;
  }

  #read(before?: Disk): Disk {
    const found = new Map<bigint, Known>();
    const disk = diskAt(this.#dir, before, (real, nature) => {
      const same = found.get(real) ?? this.#known.get(real);
      const known = same?.nature === nature ? same : { number: ++this.#count, nature };
      found.set(real, known);
      return known.number;
    });
    this.#known = found;
    return disk;
  }
}

interface Known {
  readonly number: number;
  readonly nature: string;
}

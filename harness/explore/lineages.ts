import type { Descriptors } from '../gate/descriptors.ts';
import { parentOf, processOf } from '../gate/process.ts';

/** Which process of a session has started which: for as long as the operation in hand, since their numbers come again. */
export class Lineages {
  readonly #known = new Map<number, readonly number[]>();
  readonly #pid: number;
  readonly #descriptors: Descriptors;

  /** @param pid of the session's own process. */
  constructor(pid: number, descriptors: Descriptors) {
    this.#pid = pid;
    this.#descriptors = descriptors;
  }

  /** The processes from below the session's own down to the one that a thread belongs to. */
  of(tid: number): readonly number[] {
    let lineage = this.#known.get(tid);
    if (lineage === undefined) {
      const process = tid === this.#pid || this.#descriptors.isOwn(tid) ? this.#pid : processOf(tid);
      if (process === this.#pid || process <= 1) lineage = [];
      else lineage = process === tid ? [...this.of(parentOf(tid)), tid] : this.of(process);
      this.#known.set(tid, lineage);
    }
    return lineage;
  }

  clear(): void {
    this.#known.clear();
  }
}

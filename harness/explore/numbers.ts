/** Numbers of processes in file names, as commands draw them: `state.json.944`. */
export class Numbers {
  /** Those that names had while no process had them: `task-1234` is called so whoever process 1234 is. */
  readonly #ofNames = new Set<string>();

  /** Another question, with other names. */
  forget(): void {
    this.#ofNames.clear();
  }

  /** A path without the numbers of these processes, where they stand on their own: in a hash or a UUID, the same digits are chance. */
  masked(path: string, processes: Iterable<number>): string {
    const numbers = new Set(Array.from(processes, String));
    return path.replaceAll(NUMBERS, (found) => {
      if (numbers.has(found)) return this.#ofNames.has(found) ? found : '%';
      if (found.length <= DIGITS_MAX) this.#ofNames.add(found);
      return found;
    });
  }
}

/** A UUID, what looks like a hash, or a number. */
const NUMBERS = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{16,}|\d+/gi;

/** Of a process: at most 2^22, as proc(5) has it. */
const DIGITS_MAX = 7;

/** What an exploration did not look at. Each takes the word "all" away, and is named where the verdict stands. Plain data. */

export const omissions = {
  /** `what`: the loop, as `mkdir lock`. */
  retries: 'retry loops are followed a few times round only',
  /** `what`: the call that would have timed out, as `flock -w`, `alarm`, `setitimer`. */
  timeouts: 'timeouts that never fire',
  /** `what`: the file, below the resource. */
  maps: 'writes through a shared memory map',
  /** `what`: the call, as `semop`, `mq_send`, `shmat`. */
  ipc: 'semaphores, message queues and shared memory',
  /** `what`: the call, as `kill`. */
  signals: 'signals between sessions',
  /** `what`: the address. */
  sockets: 'sockets between sessions',
  /** `what`: the server. */
  servers: 'what a server does while several requests overlap',
  /** `what`: the two calls that were waiting at once. */
  threads: 'other orders of the threads or processes of one session',
  /** `what`: the directory that was listed, below the resource. */
  listings: 'other orders in which a directory can be listed',
  /** `what`: the files, below the resource. */
  ages: 'file times that are compared',
  /** `what`: the name of the system call. */
  calls: 'calls that are not understood',
} as const satisfies Readonly<Record<string, string>>;

export type OmissionKind = keyof typeof omissions;

export interface Omission {
  readonly kind: OmissionKind;
  /** The first example: short, the same in every run that leaves it out again. */
  readonly what: string;
}

/** `signals between sessions (kill)`: each kind once. The resource itself has no path below it. */
export function omissionWords(omitted: readonly Omission[]): readonly string[] {
  const kinds = new Map(omitted.toReversed().map(({ kind, what }) => [kind, what]));
  return [...kinds].map(([kind, what]) => `${omissions[kind]} (${what || THE_RESOURCE})`);
}

/** What a path below the resource is called where it is empty. */
export const THE_RESOURCE = 'the directory';

/** Keeps the first example of each kind, in the order of `omissions`. */
export class Omissions {
  readonly #found = new Map<OmissionKind, string>();

  add(kind: OmissionKind, what: string): void {
    if (!this.#found.has(kind)) this.#found.set(kind, what);
  }

  clear(): void {
    this.#found.clear();
  }

  get all(): readonly Omission[] {
    return (Object.keys(omissions) as OmissionKind[]).flatMap((kind) => {
      const what = this.#found.get(kind);
      return what === undefined ? [] : [{ kind, what }];
    });
  }
}

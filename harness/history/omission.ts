/** What an exploration did not look at. Each takes the word "all" away, and is named where the verdict stands. Plain data. */

export const omissions = {
  /** `what`: the loop, as `mkdir lock`. */
  retries: 'retry loops were followed for a number of rounds only',
  /** `what`: the call that would have timed out, as `flock -w`, `alarm`, `setitimer`. */
  timeouts: 'timeouts and alarms that never fired',
  /** `what`: the file, below the resource. */
  maps: 'what is written through shared memory maps between two steps',
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
  ages: 'how old changes are, and which of two came first',
  /** `what`: the name of the system call. */
  calls: 'calls that are not understood',
} as const satisfies Readonly<Record<string, string>>;

export type OmissionKind = keyof typeof omissions;

export interface Omission {
  readonly kind: OmissionKind;
  /** The first example: short, the same in every run that leaves it out again. */
  readonly what: string;
}

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

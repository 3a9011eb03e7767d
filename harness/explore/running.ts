import type { Descriptors } from '../gate/descriptors.ts';
import {
  atRest,
  childrenOf,
  commandOf,
  hasEnded,
  processOf,
  threadsOf,
  timesRun,
  waitsWithin,
} from '../gate/process.ts';
import { timedWaitOf } from '../gate/timeouts.ts';
import { processesOf } from './concern.ts';
import type { Held } from './held.ts';

/** What a session is, apart from its threads. */
interface Moment {
  readonly held: readonly Held[];
  /** Are only those held who wait for time, or perhaps for others of the session? */
  readonly allSleep: boolean;
  /** The session's own thread waits for a command. */
  readonly commandRuns: boolean;
}

/** The threads and processes of a session that are not held: do they rest, or is one still on its way to the gate? */
export class Running {
  readonly #pid: number;
  readonly #descriptors: Descriptors;
  /** Threads that were let go and have not come back to the gate since. */
  readonly threads = new Set<number>();
  /** Processes that were let go to their end: they do not come back to the gate, but whoever waits for them goes on then. */
  readonly ending = new Set<number>();
  /** Threads and processes of the operation in hand; commands write their numbers into file names. */
  readonly seen = new Set<number>();

  /** Calls that had arrived when its threads were last asked how long they wait. */
  #lookedAt = -1;

  /** Threads of the session's own process, besides the first, that have been seen to work on the resource. */
  readonly #workers = new Set<number>();

  /** @param pid of the session's own process. */
  constructor(pid: number, descriptors: Descriptors) {
    this.#pid = pid;
    this.#descriptors = descriptors;
  }

  /**
   * A new order. Whoever was let go long ago sleeps: to ask /proc about them at every step would take longer than the steps.
   *
   * @param anew without those of its threads that have worked on the resource before.
   */
  takeUp(anew: boolean): void {
    this.threads.clear();
    this.ending.clear();
    this.seen.clear();
    if (anew) this.#workers.clear();
    for (const tid of this.#workers) this.threads.add(tid);
  }

  /** Where one thread of Node's pool works on the resource, any of them may. */
  meetWorkers(held: readonly Held[]): void {
    for (const tid of threadsOf(this.#pid)) {
      if (tid === this.#pid) continue;
      this.#workers.add(tid);
      if (!held.some(({ notification }) => notification.tid === tid)) this.threads.add(tid);
    }
  }

  /** A thread of Node or V8 that has nothing to do with the resource. */
  isHelper(tid: number): boolean {
    return tid !== this.#pid && !this.#workers.has(tid) && this.#descriptors.isOwn(tid);
  }

  /** The helpers of V8 sleep, too, for a moment and for reasons of their own: in this process, and in commands that are Node. */
  dozes(tid: number): boolean {
    return this.#descriptors.isOwn(tid) ? this.isHelper(tid) : processOf(tid) !== tid;
  }

  /**
   * Nobody who is not held is still on the way to the gate. Who was asleep when looked at may have been woken since, by who was looked
   * at later: only if nobody has run between two looks at all of them, all were asleep at once.
   */
  rests(moment: Moment): boolean {
    const before = this.#runs(moment);
    return before !== undefined && (before === '' || before === this.#runs(moment));
  }

  /** How often each has run so far; undefined where one may do so now. */
  #runs({ held, allSleep, commandRuns }: Moment): string | undefined {
    for (const tid of this.ending) {
      if (!hasEnded(tid)) return undefined;
      this.forgetEnded(tid);
    }
    let runs = '';
    for (const tid of this.threads) {
      if (tid === this.#pid && commandRuns) {
        // Time only passes once it has been told of all ends: it may be about to say that the command is done.
        if (allSleep && (!atRest(tid) || waitsWithin(tid))) return undefined;
        continue;
      }
      if (!atRest(tid) || !this.#childrenRest(tid, commandRuns)) return undefined;
      runs += `${tid} ${timesRun(tid)} `;
    }
    return held.every(({ notification }) => this.#childrenRest(notification.tid, commandRuns)) ? runs : undefined;
  }

  /**
   * Of threads that are not held: they wait for others of the session, or for what nobody sees, but not for ever. Asked once for so many
   * calls that have arrived, since before the next one nobody goes on.
   */
  timedWaits({
    held,
    commandRuns,
    arrivals,
  }: Omit<Moment, 'allSleep'> & { readonly arrivals: number }): readonly string[] {
    if (this.#lookedAt === arrivals) return [];
    this.#lookedAt = arrivals;
    return processesOf({ pid: this.#pid, processes: this.seen })
      .flatMap(threadsOf)
      .filter((tid) => !this.isHelper(tid) && !(tid === this.#pid && commandRuns))
      .filter((tid) => !held.some(({ notification }) => notification.tid === tid))
      .flatMap((tid) => {
        const call = timedWaitOf(tid);
        const name = call === undefined ? '' : commandOf(tid);
        return call === undefined || HELPERS.has(name) ? [] : `${call} by ${name}`;
      });
  }

  /**
   * It counts as ended a moment before whoever waits for it is woken, both under the kernel's lock on the list of processes. To ask
   * for children takes that lock, too: once that is answered, the other one is awake.
   */
  forgetEnded(tid: number): void {
    childrenOf(tid);
    this.ending.delete(tid);
  }

  /** A process that was started a moment ago may not have come to the gate at all yet. */
  #childrenRest(tid: number, commandRuns: boolean): boolean {
    if (this.#descriptors.isOwn(tid) && !commandRuns && this.threads.size === 0) return true;
    return childrenOf(tid).every((child) => this.seen.has(child) || atRest(child));
  }
}

/** Threads that wait for a time now and then for reasons of their own: of V8 and Node, and of the virtual machine of Java. */
const HELPERS: ReadonlySet<string> = new Set([
  ...['V8Worker', 'DelayedTaskSche', 'libuv-worker', 'SignalInspector'],
  ...['VM Thread', 'VM Periodic Tas', 'Monitor Deflati', 'G1 Service', 'Common-Cleaner'],
]);

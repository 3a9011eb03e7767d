/** Timers that a session's commands have set, for as long as they run: no search lets one go off. */

import type { Unmodelled } from '../gate/listener.ts';
import { bytesAt, commandOf, processOf } from '../gate/process.ts';

interface Running {
  readonly process: number;
  /** `setitimer by flock` */
  readonly what: string;
}

export class Timers {
  readonly #running = new Map<string, Running>();

  /** Of each that has not been taken back: where the session waits for others, it could go off. */
  get running(): readonly string[] {
    return [...this.#running.values()].map(({ what }) => what);
  }

  clear(): void {
    this.#running.clear();
  }

  /** alarm(2), setitimer(2), timer_settime(2), timerfd_settime(2): with a time of 0, one is taken back. */
  set({ other, tid, args, ints }: Unmodelled): void {
    if (other === undefined || !(other in CLOCKED)) return;
    const { id, value } = CLOCKED[other as keyof typeof CLOCKED];
    const process = processOf(tid);
    // The alarm is the interval timer of real time. Those of used time (1, 2) don't run while a session waits.
    if (other === 'setitimer' && ints[0] !== 0) return;
    const key = `${process} ${id === undefined ? 'alarm' : `${other} ${ints[id]}`}`;
    const runs = value === undefined ? ints[0] !== 0 : args[value] !== 0 && isSet(tid, args[value]!);
    if (runs) this.#running.set(key, { process, what: `${other} by ${commandOf(tid)}` });
    else this.#running.delete(key);
  }

  /** Its timers end with a process. */
  ended(tid: number): void {
    if (this.#running.size === 0) return;
    const ending = processOf(tid);
    for (const [key, { process }] of this.#running) if (process === ending) this.#running.delete(key);
  }
}

/** Which arguments say which timer it is, and where its new value is. */
const CLOCKED = {
  alarm: { id: undefined, value: undefined },
  setitimer: { id: undefined, value: 1 },
  timer_settime: { id: 0, value: 2 },
  timerfd_settime: { id: 0, value: 2 },
} as const;

/** struct itimerval and struct itimerspec: first the interval, then the time until it goes off, 16 bytes each. */
const isSet = (tid: number, address: number): boolean => bytesAt(tid, address + 16, 16).some((byte) => byte !== 0);

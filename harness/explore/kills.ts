/** Signals that end a process of the session's own. */

import type { Unmodelled } from '../gate/listener.ts';
import { lostByEnd } from '../gate/lost-locks.ts';
import type { OtherCall } from '../gate/other-calls.ts';
import { endsBySignal, groupOf, hasOwnNumbers, processOf } from '../gate/process.ts';
import { type Known, processesOf } from './concern.ts';

/** Which argument is the signal: 0 sends none, and only looks. */
export const SENDS_AT: Readonly<Partial<Record<OtherCall, number>>> = {
  kill: 1,
  tkill: 1,
  tgkill: 2,
  rt_sigqueueinfo: 1,
  rt_tgsigqueueinfo: 2,
  pidfd_send_signal: 1,
};

/** Its locks are given back when it ends, and no step tells of that. */
export function endsHolder(pid: number | undefined, { other, tid, ints }: Unmodelled, caller: Known): boolean {
  const signal = ints[SENDS_AT[other!] ?? -1] ?? 0;
  if (signal === 0 || pid === undefined || !caller.holdings.locksAnything) return false;
  const all = processesOf(caller);
  const ends = all.filter((each) => isMeant(pid, each, tid) && endsBySignal(each, signal));
  const others = all.filter((each) => !ends.includes(each));
  return lostByEnd(ends, others).some(
    (found) => caller.descriptors.find(found.pid, found.fd, caller.resource) !== undefined,
  );
}

/** By the number in a kill(2). In a namespace of its own it may be anybody below there. */
function isMeant(said: number, pid: number, tid: number): boolean {
  if (said === -1 || hasOwnNumbers(tid)) return true;
  return said > 0 ? processOf(said) === pid : groupOf(pid) === (said === 0 ? groupOf(tid) : -said);
}

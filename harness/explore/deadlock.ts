import { awaitedBy } from '../gate/locks.ts';
import { processOf } from '../gate/process.ts';
import type { Resource } from '../gate/resource.ts';
import type { Actor } from './actor.ts';
import type { Held } from './held.ts';

/** Would the kernel find that who waits for this lock waits for itself, and refuse it with EDEADLK? fcntl(2) */
export function waitsForItself(actor: Actor, held: Held, actors: readonly Actor[], resource: Resource): boolean {
  const own = processOf(held.notification.tid);
  const met = new Set<number>();
  for (let next = awaitedBy(held.notification.tid, held.request); next.length > 0; ) {
    if (next.includes(own)) return true;
    const fresh = next.filter((pid) => !met.has(pid));
    for (const pid of fresh) met.add(pid);
    next = actors.flatMap((other) => {
      if (other === actor || other.done || other.session.idle) return [];
      const { held: waits } = other.pending(resource);
      const { tid } = waits.notification;
      return waits.request.call === 'lock' && fresh.includes(processOf(tid)) ? awaitedBy(tid, waits.request) : [];
    });
  }
  return false;
}

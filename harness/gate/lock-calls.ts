/** How calls say which lock they want, or give back. */

import type { Call } from '../history/step.ts';
import type { Notification } from './listener.ts';
import { bytesAt, positionOf } from './process.ts';
import type { LockRequest } from './request.ts';

const SEEK_CUR = 1;
const SEEK_END = 2;

export const lockCall = (unlocks: boolean, waits: boolean): Call => (unlocks ? 'unlock' : waits ? 'lock' : 'trylock');

/**
 * F_SETLKW and F_OFD_SETLKW wait. struct flock { short type, whence; off_t start, length; … }: type 0 is shared, 1 exclusive, 2
 * unlocks; a length of 0 reaches to the end, and one below 0 to the byte before the start. What counts from the end of the file could
 * be anywhere.
 */
export function fcntlLock(n: Notification): { readonly call: Call; readonly lock: LockRequest } {
  const command = n.ints[1]!;
  const description = bytesAt(n.tid, n.args[2]!, 32);
  const [type, whence] = [description.readInt16LE(0), description.readInt16LE(2)];
  const [start, length] = [Number(description.readBigInt64LE(8)), Number(description.readBigInt64LE(16))];
  const call = lockCall(type === 2, command === 7 || command === 38);
  const lock = { kind: 'fcntl', command, description, shared: type === 0 } as const;
  if (whence === SEEK_END) return { call, lock: { ...lock, range: { from: 0 }, somewhere: true } };
  const first = whence === SEEK_CUR ? start + positionOf(n.tid, n.ints[0]!) : start;
  const range =
    length === 0 ? { from: first } : { from: Math.min(first, first + length), to: Math.max(first, first + length) };
  return { call, lock: { ...lock, range } };
}

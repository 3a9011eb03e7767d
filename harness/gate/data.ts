import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import type { Step } from '../history/step.ts';
import { closeFd, duplicate, upcomingOn } from './kernel.ts';
import type { Request } from './request.ts';

/** As much of the data of a step is kept as a reader can take in. */
const DATA_BYTES = 4096;

/** What a read will return, or what a write carries: looked at before the call is let go, while nobody else moves. */
export function recorded(tid: number, request: Request): Pick<Step, 'data' | 'bytes'> {
  const { call, fd, bytes = 0 } = request;
  if ((call === 'write' || call === 'send') && request.data !== undefined) return shown(request.data(), bytes);
  if ((call !== 'read' && call !== 'receive') || fd === undefined) return {};
  const content =
    call === 'read' ? upcoming(tid, fd, request.offset, bytes) : upcomingOn(tid, fd, Math.min(bytes, DATA_BYTES));
  return content === undefined ? {} : shown(content, content.length);
}

const shown = (content: Buffer, bytes: number): Pick<Step, 'data' | 'bytes'> => ({
  data: content.toString('utf8', 0, DATA_BYTES),
  bytes,
});

/**
 * Makes the first bytes of a write in the session's place, on a duplicate of its descriptor: where the file stands, and whether it
 * is appended to, is known to the file description that both share. Returns how many they were.
 */
export function writePart(tid: number, { fd, data, offset }: Request, bytes: number): number {
  const copy = duplicate(tid, fd!);
  try {
    const all = data!();
    return writeSync(copy, all, 0, Math.min(bytes, all.length), offset ?? null);
  } finally {
    closeFd(copy);
  }
}

/** The bytes at the place where a descriptor stands, through a file description of one's own, so that it stays there. */
function upcoming(tid: number, fd: number, offset: number | undefined, bytes: number): Buffer | undefined {
  let own: number | undefined;
  try {
    const from = offset ?? Number(/^pos:\t(\d+)$/m.exec(readFileSync(`/proc/${tid}/fdinfo/${fd}`, 'latin1'))![1]);
    own = openSync(`/proc/${tid}/fd/${fd}`, 'r');
    const content = Buffer.alloc(Math.min(bytes, 2 ** 20));
    return content.subarray(0, readSync(own, content, 0, content.length, from));
  } catch {
    return undefined; // opened for writing only by someone else: it can't be shown
  } finally {
    if (own !== undefined) closeSync(own);
  }
}

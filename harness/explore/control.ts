/** The other end of `session/orders`: the session's buffer is in its own memory, and its call waits. */

import { readMemory, writeMemory } from '../gate/kernel.ts';
import type { Notification } from '../gate/listener.ts';
import { CONTROL_FD, type Order, REPORT_HEADER_BYTES, type Report } from '../session/orders.ts';

/** Does a session hand in its report, and wait for an order? */
export const isControl = ({ call, ints }: Notification): boolean => call === 'read' && ints[0] === CONTROL_FD;

/** Returns what to answer: how many bytes the order takes. */
export function putOrder({ tid, args }: Notification, order: Order): number {
  const text = Buffer.from(JSON.stringify(order));
  writeMemory(tid, args[1]!, text, text.length);
  return text.length;
}

const report = Buffer.alloc(2 ** 20);
const FIRST_LOOK_BYTES = 1024;

export function reportIn({ tid, args }: Notification): Report {
  const address = args[1]!;
  readMemory(tid, address, report, FIRST_LOOK_BYTES);
  const length = report.readUInt32LE(0);
  const end = REPORT_HEADER_BYTES + length;
  if (end > FIRST_LOOK_BYTES) readMemory(tid, address, report, end);
  return JSON.parse(report.toString('utf8', REPORT_HEADER_BYTES, end)) as Report;
}

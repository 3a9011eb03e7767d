/**
 * How the explorer talks to a gated session: through the gate itself. The session reads from a descriptor that does not exist;
 * the call waits at the gate like any other, the explorer takes the report out of the buffer and puts the next order in.
 */

import { readSync } from 'node:fs';
import type { Role } from '../history/execution.ts';
import type { Answer } from './attempt.ts';

/** Higher than any limit of open files, so never a real one. */
export const CONTROL_FD = 0x7fff_fff0;

export type Order =
  /** From now on this session writes, or reads, like this. */
  | {
      readonly type: 'take';
      readonly target: string;
      readonly strategy: string;
      readonly index: number;
      readonly writers: number;
      readonly role: Role;
      readonly uuid: string;
      readonly dir: string;
      readonly server: string;
      readonly space: string;
    }
  /** What lies on the server is made as it is before an execution. */
  | { readonly type: 'prepare' }
  /** What the strategy does before the start. */
  | { readonly type: 'open' }
  | { readonly type: 'operate'; readonly operation: number }
  | { readonly type: 'finally' }
  /** A copy of the process is made, which takes orders from then on as this one does. `apart`: see `forkApart`. */
  | { readonly type: 'fork'; readonly apart: boolean }
  /** Descriptors that an operation has lost: it was made to fail, and did not clear up. */
  | { readonly type: 'close'; readonly descriptors: readonly number[] };

/**
 * What came of the order before. Of `take`, where the session keeps its clocks; of `fork`, the number of the copy. Null after
 * `prepare`, `open` and `close`, and at the start.
 */
export type Report =
  | Answer
  | { readonly failed: string }
  | { readonly clock: number }
  | { readonly copy: number }
  | null;

/** The report comes with its length before it. */
export const REPORT_HEADER_BYTES = 4;

/** Room for an order, or for a report: what an operation returns is meant to be looked at, not to be a file. */
const BUFFER_BYTES = 2 ** 20;
const buffer = Buffer.alloc(BUFFER_BYTES);

/** Hands in a report and waits for the next order. @throws {Error} ENOSYS: nobody holds the gate any more. */
export function exchange(report: Report): Order {
  const text = JSON.stringify(report);
  const bytes = Buffer.byteLength(text);
  if (bytes > BUFFER_BYTES - REPORT_HEADER_BYTES) return exchange({ failed: `an operation returned ${bytes} bytes` });
  buffer.writeUInt32LE(bytes, 0);
  buffer.write(text, REPORT_HEADER_BYTES);
  const length = readSync(CONTROL_FD, buffer, 0, BUFFER_BYTES, null);
  return JSON.parse(buffer.toString('utf8', 0, length)) as Order;
}

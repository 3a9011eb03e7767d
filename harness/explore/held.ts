import { recorded, writePart } from '../gate/data.ts';
import type { Notification } from '../gate/listener.ts';
import type { Request } from '../gate/request.ts';
import type { Step } from '../history/step.ts';
import { WitnessError } from './witness.ts';

/** A call on the resource that waits for its turn. */
export interface Held {
  readonly notification: Notification;
  /** As it was understood when it arrived, or when a name on its way has last changed. */
  request: Request;
  /** How it is understood now. */
  readonly again: () => Request | undefined;
  /** The processes from below the session's own down to the one that makes the call. */
  readonly lineage: readonly number[];
  /** Of a sleep. */
  readonly sleep?: Sleep;
}

/** Time of a session's own: it passes only where somebody sleeps, and then as long as that takes. In ms. */
export interface Sleep {
  readonly ms: number;
  readonly due: number;
}

/** As sleep(1) is told: in seconds. */
export const sleepWords = ({ ms }: Sleep): string => `sleep ${Number((ms / 1000).toPrecision(2))}`;

/** Makes the first bytes of a held write. @throws {WitnessError} where there is nothing to write. */
export function writeFirst({ notification, request }: Held, bytes: number): number {
  if (request.call === 'write') return writePart(notification.tid, request, bytes);
  throw new WitnessError(`${request.call} ${request.path} is no write: no part of it can be written`);
}

/** The data of its step. The name that a run's data have on the server is another each time, and says nothing. */
export function dataOf({ notification, request }: Held, space?: string): Pick<Step, 'data' | 'bytes'> {
  const found = recorded(notification.tid, request);
  return space === undefined || found.data === undefined
    ? found
    : { ...found, data: found.data.replaceAll(space, '%') };
}

import type { Notification } from '../gate/listener.ts';
import type { Request } from '../gate/request.ts';

/** A call on the resource that waits for its turn. */
export interface Held {
  readonly notification: Notification;
  readonly request: Request;
  /** The processes from below the session's own down to the one that makes the call. */
  readonly lineage: readonly number[];
}

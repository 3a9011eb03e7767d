/** Why an execution did not come to its end. */

/** A session died, and the execution with it: the sessions must be replaced. */
export class SessionLost extends Error {
  override readonly name: string = 'SessionLost';
}

/** A session did nothing for too long, or too much: it would again. */
export class SessionHung extends SessionLost {
  override readonly name = 'SessionHung';
}

/** The run is being ended. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A copy of a session can't be made as it was asked for: this machine does not allow it. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
}

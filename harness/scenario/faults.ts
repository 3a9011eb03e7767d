/** What can go wrong while sessions work, with its meaning in one line. */
export const faultKinds = {
  crash: 'a session is killed: before each of its steps, in the middle of each write, and after its last step',
  errno: 'a call fails, once: every error that its manual page names and that comes from the system',
  full: 'the disk is full from some step on, for everybody, until it has been cleared up',
  short: 'a write makes only a part of its bytes, and says so',
  stall: 'a session stands still before a step, longer than anybody waits for anything, and goes on in the end',
  clock: 'the time of day jumps by an hour, forward or back, or stands still',
  pids: 'every session has a PID namespace of its own, as containers have: equal process ids',
  server: 'a server is not reached, hangs up before a request, or after it and before its answer',
  power: 'the power fails, and of what was not flushed some reaches the disk and some does not',
} as const;

export type FaultKind = keyof typeof faultKinds;

export const faultKindNames = Object.keys(faultKinds) as readonly FaultKind[];

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
  'power-posix': 'the power fails; of what was not flushed anything may be on the disk: all that POSIX promises',
  'power-ext4': 'the power fails; the disk is as ext4 leaves it (data=ordered, the default)',
} as const;

export type FaultKind = keyof typeof faultKinds;

export const faultKindNames = Object.keys(faultKinds) as readonly FaultKind[];

/** What it means that a strategy is SAFE under such faults. */
export const withstood: Readonly<Record<FaultKind, string>> = {
  crash:
    'wherever a session is killed, what was acknowledged is there, the state can be read, and the next session goes on',
  errno: 'whichever call fails, nobody was told that it worked where it did not, and the next session goes on',
  full: 'on a full disk nothing that was acknowledged is lost, and once there is room the next session goes on',
  short: 'it goes on with the rest of a write that was cut short, or says that it failed',
  stall: 'whoever stands still does no harm when it goes on',
  clock: 'it does not matter what the clock says',
  pids: 'no name is made from a process id that another session may have, too',
  server: 'a request that is lost, or whose answer is, is not taken for one that was done',
  'power-posix': 'in every state that the disk may be in, what was acknowledged is there, and the state can be read',
  'power-ext4': 'in every state that the disk may be in, what was acknowledged is there, and the state can be read',
};

/** Whoever wants to know what becomes of data when the power fails says so. */
export const powerKinds = ['power-posix', 'power-ext4'] as const satisfies readonly FaultKind[];

export type PowerKind = (typeof powerKinds)[number];

export const isPower = (kind: FaultKind): kind is PowerKind => powerKinds.some((each) => each === kind);

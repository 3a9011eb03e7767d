/**
 * Runs a command and waits for it, through posix_spawn(3): glibc starts it with CLONE_VFORK, which copies no page tables, so a
 * warm Node process can start a shell in a millisecond where its own `spawn` takes five. Blocks the thread, as it is meant to:
 * a session does one thing at a time.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { textOf } from '../history/text.ts';
import { limits } from '../limits.ts';
import type { Command } from '../scenario/command.ts';
import type { Ended } from './attempt.ts';

const libc = koffi.load(null);
const spawnCall = libc.func(
  'int posix_spawnp(_Out_ int *pid, const char *file, void *actions, void *attributes, const char **argv, const char **envp)',
);
const initActions = libc.func('int posix_spawn_file_actions_init(void *actions)');
const addOpen = libc.func(
  'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, int mode)',
);
const addChdir = libc.func('int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)');
const destroyActions = libc.func('int posix_spawn_file_actions_destroy(void *actions)');
const initAttributes = libc.func('int posix_spawnattr_init(void *attributes)');
const setFlags = libc.func('int posix_spawnattr_setflags(void *attributes, short flags)');
const setSignalDefaults = libc.func('int posix_spawnattr_setsigdefault(void *attributes, void *signals)');
const allSignals = libc.func('int sigfillset(void *signals)');
const prctl = libc.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
const waitCall = libc.func('int waitpid(int pid, _Out_ int *status, int options)');

/** More than posix_spawn_file_actions_t, posix_spawnattr_t and sigset_t take in any libc there is, in bytes. */
const OPAQUE_BYTES = 1024;

// spawn.h and fcntl.h of Linux
const SPAWN_SETPGROUP = 2;
const SPAWN_SETSIGDEF = 4;
const O_RDONLY = 0;
const O_WRONLY_CREAT_TRUNC = 0o1101;

/** Node ignores SIGPIPE, and what is ignored is inherited: a command must find the signals as a terminal leaves them. */
function attributesOf(): Buffer {
  const attributes = Buffer.alloc(OPAQUE_BYTES);
  const signals = Buffer.alloc(OPAQUE_BYTES);
  allSignals(signals);
  initAttributes(attributes);
  setSignalDefaults(attributes, signals);
  setFlags(attributes, SPAWN_SETPGROUP | SPAWN_SETSIGDEF);
  return attributes;
}

const PR_SET_CHILD_SUBREAPER = 36;
/** Who outlives its parent becomes a child of this process, and can be waited for: prctl(2). A copy of the process has to say so itself. */
export const adoptOrphans = (): void => void prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
adoptOrphans();

/** @param scratch a directory for what the command prints. */
export function runAndWait(command: Command, cwd: string, args: readonly string[], scratch: string): Ended {
  const stdout = join(scratch, 'stdout');
  const stderr = join(scratch, 'stderr');
  const actions = Buffer.alloc(OPAQUE_BYTES);
  initActions(actions);
  addOpen(actions, 0, '/dev/null', O_RDONLY, 0);
  addOpen(actions, 1, stdout, O_WRONLY_CREAT_TRUNC, 0o600);
  addOpen(actions, 2, stderr, O_WRONLY_CREAT_TRUNC, 0o600);
  addChdir(actions, cwd);
  const pid: [number] = [0];
  const argv = [command.shell, command.script, ...args, null];
  const failure = spawnCall(pid, command.shell, actions, attributesOf(), argv, environmentOf(command));
  destroyActions(actions);
  if (failure !== 0) throw new Error(`posix_spawnp(${command.shell}) failed with errno ${failure}`);
  const exitCode = waitFor(pid[0]);
  // What it has left behind still belongs to the operation, which is over when all is.
  while (waitCall(-pid[0], [0], 0) > 0);
  return {
    exitCode,
    stdout: textOf(readFileSync(stdout)),
    stderr: readFileSync(stderr, 'utf8').slice(0, limits.stderrChars),
  };
}

const environmentOf = ({ env }: Command): readonly (string | null)[] => [
  ...Object.entries({ ...process.env, LC_ALL: 'C', ...env }).map(([name, value]) => `${name}=${value}`),
  null,
];

/** The exit code; 128 and the signal's number where a signal ended it, as shells have it. */
function waitFor(pid: number): number {
  const status: [number] = [0];
  let waited: number;
  do waited = waitCall(pid, status, 0);
  while (waited < 0 && koffi.errno() === koffi.os.errno.EINTR);
  const signal = status[0] & 0x7f;
  return signal === 0 ? (status[0] >> 8) & 0xff : 128 + signal;
}

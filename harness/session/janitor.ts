import { spawn } from 'node:child_process';
import { SESSION_VARIABLE } from './sweep.ts';

/** Clears up after a supervisor that was killed. */
export interface Janitor {
  /** There is nothing left to clear up. */
  dismiss(): void;
}

/**
 * A small shell that waits for the end of its standard input, which comes when the supervisor has ended, however it has. A
 * session behind the gate can't do this: without a supervisor, whatever it asks of the system is refused. Kills all processes
 * that carry the run's mark (Linux only, as in `sweep`) or are at home among its servers, since some servers write their title
 * over their environment; and removes its directories. No path may mean anything to grep, which looks at lines: newlines are
 * another character while it does.
 */
const CLEAR_UP = `
read -r word && exit
LC_ALL=C
for sandbox; do
  mark=$(printf '%s' "${SESSION_VARIABLE}=$sandbox" | tr '\\n' '\\1')
  for process in /proc/[0-9]*; do
    case $(readlink "$process/cwd" 2> /dev/null) in
      "$sandbox"/servers/*) kill -9 "\${process#/proc/}" ;;
      *) tr '\\n\\0' '\\1\\n' < "$process/environ" 2> /dev/null | grep -qF -e "$mark:" -e "$mark/" &&
        kill -9 "\${process#/proc/}" ;;
    esac
  done
  tries=0
  while [ -e "$sandbox" ] && [ "$tries" -lt 50 ]; do rm -rf -- "$sandbox"; tries=$((tries + 1)); sleep 0.1; done
done
`;

/** @param sandboxes the directories of the run. */
export function startJanitor(sandboxes: readonly string[]): Janitor {
  // In a group of its own: Ctrl-C is not for it.
  const shell = spawn('sh', ['-c', CLEAR_UP, 'collide-janitor', ...sandboxes], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  shell.on('error', () => {}); // without a shell there is nobody to clear up
  shell.stdin.on('error', () => {});
  shell.unref();
  return { dismiss: () => void shell.stdin.end('dismissed\n') };
}

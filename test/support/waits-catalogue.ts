/** Commands that wait for each other, for time, or for what the gate does not see; each counts one on in `n`, or says that it did not. */

import { execFile } from 'node:child_process';
import { closeSync, copyFileSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { CollisionClass, Finding } from '../../harness/oracle/finding.ts';
import { defineScenario, Refused, type Scenario, type Strategy } from '../../harness/scenario/scenario.ts';
import { LOCK_EX, LOCK_NB, LOCK_SH, lockFd } from './flock.ts';

const scripts = join(import.meta.dirname, '..', 'explore', 'scripts');

const line = (does: string, text: string, truth: 'SAFE' | readonly CollisionClass[] = 'SAFE'): Strategy => ({
  does,
  truth,
  why: 'see the test',
  perform: { kind: 'command', shell: 'sh', script: join(scripts, 'line.sh'), env: { LINE: text } },
});

const python = (does: string, text: string, truth?: readonly CollisionClass[]): Strategy => {
  const PY = process.env.COLLIDE_TEST_PYTHON ?? 'python3';
  return line(does, `exec "${PY}" -ISBc '${text}'`, truth);
};

const COUNT = 'n=$(cat n); echo $((n + 1)) > n';

/** The same, alone. */
const LOCKED_COUNT = `exec 9>> l; flock 9; ${COUNT}`;

/** Python that does the same. */
const PY_COUNT = 'n = int(open("n").read()); open("n", "w").write(str(n + 1))';

/** Tries for a lock so often, every 10 ms. */
const tries = (times: number): string =>
  `i=0; until mkdir lock 2> /dev/null; do i=$((i + 1)); [ $i -ge ${times} ] && break; sleep .01; done; ${COUNT}; rmdir lock 2> /dev/null; exit 0`;

export const waits = defineScenario({
  id: 'waits',
  priority: 'P1',
  source: 'test',
  resource: 'a file',
  place: 'project',
  touchedBy: 'every session',
  writers: 'test sessions',
  setup: (dir) => {
    writeFileSync(join(dir, 'n'), '0\n');
    copyFileSync(join(scripts, 'looks.py'), join(dir, 'looks.py'));
  },
  oracles: [
    ({ final, operations }): readonly Finding[] => {
      const done = operations.filter(({ outcome }) => outcome === 'ok').length;
      const lost = done - Number(final.n);
      return lost === 0 ? [] : [{ class: 'LAST_WRITER_WINS', count: lost, message: `${done} counted to ${final.n}` }];
    },
  ],
  strategies: {
    // locks that are exchanged
    upgrade: line('shares a lock, then wants it alone', `exec 9>> l; flock -s 9; flock -x 9; ${COUNT}`),
    'upgrade-or-not': {
      ...line('shares a lock, then tries for it alone', ''),
      perform: ({ path }) => {
        const lock = openSync(path('l'), 'a');
        try {
          lockFd(lock, LOCK_SH);
          if (lockFd(lock, LOCK_EX | LOCK_NB) !== 0 && lockFd(lock, LOCK_EX | LOCK_NB) !== 0)
            throw new Refused('taken');
          writeFileSync(path('n'), `${Number(readFileSync(path('n'), 'utf8')) + 1}`);
        } finally {
          closeSync(lock);
        }
      },
    },
    'upgrade-trusting': line(
      'believes what it read while it shared the lock',
      'exec 9>> l; flock -s 9; n=$(cat n); flock -x 9; echo $((n + 1)) > n',
      ['LAST_WRITER_WINS'],
    ),
    downgrade: line(
      'has a lock alone, then shares it',
      `exec 9>> l; flock -x 9; ${COUNT}; flock -s 9; cat n > /dev/null`,
    ),
    'own-lock': line(
      'has a command in the background wait for its own lock',
      `exec 9>> l; flock 9; (exec 9>&- 8>> l; flock 8) & cat n > m; ${COUNT}; exec 9>&-; wait`,
    ),
    'upgrade-fcntl': python(
      'the same with fcntl(2): the kernel sees the deadlock',
      `
import fcntl, sys
lock = open("l", "a+")
fcntl.lockf(lock, fcntl.LOCK_SH)
try: fcntl.lockf(lock, fcntl.LOCK_EX)
except OSError: sys.exit(1)
${PY_COUNT}`,
    ),
    'crosswise-fcntl': line(
      'two locks by fcntl(2), in an order that depends on the session',
      `case $1 in s0.*) order='l m' ;; *) order='m l' ;; esac
exec "$COLLIDE_TEST_PYTHON" -ISBc '
import fcntl, sys
try: locks = [fcntl.lockf(file, fcntl.LOCK_EX) or file for file in [open(name, "a+") for name in sys.argv[1:]]]
except OSError: sys.exit(1)
${PY_COUNT}' $order`,
    ),
    'upgrade-ofd': python(
      'the same with locks of the file description: nobody sees the deadlock',
      `
import fcntl, struct
F_OFD_SETLKW = 38
lock = open("l", "a+")
for kind in (fcntl.F_RDLCK, fcntl.F_WRLCK): fcntl.fcntl(lock, F_OFD_SETLKW, struct.pack("hhqqi4x", kind, 0, 0, 0, 0))
${PY_COUNT}`,
      ['STUCK'],
    ),

    // what nobody sees
    abstract: python(
      'holds an abstract address, and tries for it with sleeps',
      `
import os, socket, time
address = socket.socket(socket.AF_UNIX)
while True:
  try:
    address.bind("\\0" + os.getcwd())
    break
  except OSError: time.sleep(0.01)
${PY_COUNT}`,
    ),
    'kill-0': line(
      'waits for the end of the process that was first',
      `if mkdir first 2> /dev/null; then ${COUNT}; echo $$ > pid; exit 0; fi
until [ -s pid ]; do sleep .01; done; pid=$(cat pid)
while kill -0 $pid 2> /dev/null; do sleep .1; done
${COUNT}`,
    ),
    nothing: line(
      'sleeps until something is there that never will be',
      'until [ -e /nowhere/at/all ]; do sleep .1; done',
    ),

    // time
    watchdog: line('is killed if it takes too long', `(sleep 10; kill -9 $$) & ${LOCKED_COUNT}; kill $!`),
    'watchdog-left': line('leaves its watchdog behind', `(sleep 10; kill -9 $$) & ${COUNT}`, ['LAST_WRITER_WINS']),
    'background-sleep': line(
      'does something a little later',
      `(sleep 0.05; echo late >> log) & sleep .01; ${LOCKED_COUNT}; wait`,
    ),
    'own-timer': {
      ...line('has a timer of its own while its command waits', ''),
      perform: async ({ path }) => {
        const command = ['-c', `exec 9>> l; flock 9; ${COUNT}`];
        await promisify(execFile)('sh', command, { cwd: dirname(path('l')), timeout: 60_000 });
      },
    },
    'in-order': line(
      'three who sleep, the first of them longest',
      '(sleep 0.3; echo c >> log) & (sleep 0.1; echo a >> log) & sleep .2; echo b >> log; wait',
    ),
    'in-order-by-loops': line(
      'many short sleeps beside a long one',
      '(sleep 0.25; echo long >> log) & for i in 1 2 3; do sleep 0.1; echo $i >> log; done; wait',
    ),
    'in-order-by-select': line(
      'sleeps by other calls',
      `PY="$COLLIDE_TEST_PYTHON -ISBc"
($PY 'import select; select.select([], [], [], 0.3)'; echo c >> log) &
($PY 'import select; select.poll().poll(100)'; echo a >> log) &
$PY 'import time; time.sleep(0.2)'; echo b >> log; wait`,
    ),

    // threads
    'thread-flock': python(
      'takes a lock on another thread',
      `
import fcntl, threading
def count():
  with open("l", "a") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    ${PY_COUNT}
thread = threading.Thread(target=count); thread.start(); thread.join()`,
    ),
    'thread-lockf': python(
      'the same with fcntl(2)',
      `
import fcntl, threading
def count():
  with open("l", "a") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    ${PY_COUNT}
thread = threading.Thread(target=count); thread.start(); thread.join()`,
    ),
    'both-at-once': line('two commands at once on one file', `echo x >> log & echo y >> log; wait; ${LOCKED_COUNT}`),
    'both-matter': line(
      'two commands at once on two files, of which others may see one without the other',
      `echo x > a & echo y > b; wait; ${LOCKED_COUNT}`,
    ),
    pipeline: line(
      'a pipeline while it is alone',
      `exec 9>> l; flock 9; cat n | while read -r n; do echo $((n + 1)); done > m; mv m n`,
    ),
    'own-pipeline': line('pipelines into files of its own', 'cat n | sed s/0/1/ > "m-$1"; exit 1'),

    // no loops, and loops
    looks: line(
      'a script that is Python, which looks at its directory again and again',
      'exec "$COLLIDE_TEST_PYTHON" -EsB looks.py',
      ['LAST_WRITER_WINS'],
    ),
    'reads-often': line(
      'reads five times and counts what it saw',
      `for i in 1 2 3 4 5; do read -r n < n; done; ${COUNT}`,
      ['LAST_WRITER_WINS'],
    ),
    filelock: python(
      'opens the lock file anew for each try, as filelock does',
      `
import fcntl, os, time
while True:
  lock = os.open("l", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
  try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    break
  except OSError:
    os.close(lock)
    time.sleep(0.05)
${PY_COUNT}`,
    ),
    'lockf-poll': python(
      'the same with fcntl(2)',
      `
import fcntl, os, time
while True:
  lock = os.open("l", os.O_RDWR | os.O_CREAT)
  try:
    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    break
  except OSError:
    os.close(lock)
    time.sleep(0.05)
${PY_COUNT}`,
    ),
    'link-poll': line(
      'makes a link to its own file',
      `: > own.$$; until ln own.$$ lock 2> /dev/null; do sleep .1; done; ${COUNT}; rm lock own.$$`,
    ),
    'tries-200': line('tries for a lock 200 times', tries(200), ['LAST_WRITER_WINS']),
    'for-ever': line(
      'tries for a lock for ever',
      `until mkdir lock 2> /dev/null; do sleep .01; done; ${COUNT}; rmdir lock`,
    ),
  },
});

export const catalogue: readonly Scenario[] = [waits];

export const catalogueUrl = import.meta.url;

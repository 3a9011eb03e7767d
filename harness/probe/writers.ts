/** Ways of appending a line to a file, as people have them. */

import {
  appendFileSync,
  closeSync,
  createWriteStream,
  existsSync,
  openSync,
  promises,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Command, Shell } from '../scenario/command.ts';
import type { Perform, Session } from '../scenario/scenario.ts';
import { blockUntil, nowUs } from '../session/clock.ts';

export interface AppendWriter {
  /** As people call it. */
  readonly name: string;
  /** Programs that it can't do without. */
  readonly needs: readonly string[];
  /** Each line is the work of several processes: no more of them than this. */
  readonly linesMax?: number;
  readonly perform: Perform | Command;
}

/** What each process of a round has to do, in the file `cell` of their directory, where they all append to `log`. */
export interface Order {
  /** Length of a line, with its newline: a power of two. */
  readonly bytes: number;
  /** How many lines each process appends. */
  readonly lines: number;
  readonly processes: number;
}

const CELL = 'cell';
export const LOG = 'log';

export const writeOrder = (dir: string, { bytes, lines, processes }: Order): void =>
  writeFileSync(join(dir, CELL), `${bytes} ${lines} ${processes}\n`);

function readOrder({ path }: Session): Order {
  const [bytes, lines, processes] = readFileSync(path(CELL), 'utf8').split(' ').map(Number);
  return { bytes: bytes!, lines: lines!, processes: processes! };
}

/** The line of a process is its number, over and over. */
const lineOf = (process: number, bytes: number): string => `${String(process).repeat(bytes - 1)}\n`;

/** All wait here until the last one has come. */
function meet({ path, index }: Session, processes: number): void {
  writeFileSync(path(`ready.${index}`), '');
  for (let other = 0; other < processes; ) if (existsSync(path(`ready.${other}`))) other++;
}

/**
 * Between two lines, as long as one took, within bounds. Whoever writes again at once has the lock of the inode again before those
 * who wait for it are awake: they would append one after another, all lines of one process before those of the next.
 */
const PAUSE_US_MIN = 5;
const PAUSE_US_MAX = 500;

type Append = (line: string) => unknown;

/** A writer in Node. `open` comes before the processes meet. */
export const inNode =
  (open: (path: string) => { readonly append: Append; readonly close?: () => unknown }): Perform =>
  async (session) => {
    const { bytes, lines, processes } = readOrder(session);
    const line = lineOf(session.index, bytes);
    const { append, close } = open(session.path(LOG));
    meet(session, processes);
    for (let count = 0; count < lines; count++) {
      const fromUs = nowUs();
      await append(line);
      const untilUs = nowUs();
      blockUntil(untilUs + Math.min(Math.max(untilUs - fromUs, PAUSE_US_MIN), PAUSE_US_MAX));
    }
    await close?.();
  };

const nodeWriters: Readonly<Record<string, Perform>> = {
  // A write of which only a part went out (write(2): a full disk, a signal) leaves a line that is cut, and that is seen.
  'fs.writeSync': inNode((path) => {
    const fd = openSync(path, 'a');
    return { append: (line) => writeSync(fd, line), close: () => closeSync(fd) };
  }),
  'fs.appendFileSync': inNode((path) => ({ append: (line) => appendFileSync(path, line) })),
  'fs.promises.appendFile': inNode((path) => ({ append: (line) => promises.appendFile(path, line) })),
  'fs.createWriteStream': inNode((path) => {
    const stream = createWriteStream(path, { flags: 'a' });
    return {
      append: (line) =>
        new Promise<void>((resolve, reject) => {
          stream.write(line, (error) => (error ? reject(error) : resolve()));
        }),
      close: () => new Promise((resolve) => stream.end(resolve)),
    };
  }),
};

/** Makes the line, and meets the others; then come the appends. Doubled, since a line of 16 MiB can't be an argument (execve(2)). */
const BEGIN = `read -r bytes lines processes < ${CELL}
own=\${1#s}
own=\${own%%.*}
x=$own
while [ \${#x} -lt "$bytes" ]; do x=$x$x; done
x=\${x%?}
: > "ready.$own"
other=0
while [ "$other" -lt "$processes" ]; do
  [ -e "ready.$other" ] && other=$((other + 1))
done
`;

const repeated = (append: string): string => `${BEGIN}while [ "$lines" -gt 0 ]; do
  ${append}
  lines=$((lines - 1))
done
`;

const PYTHON = `own=\${1#s}
exec python3 -c '
import os, sys
own = sys.argv[1]
bytes, lines, processes = map(int, open("${CELL}").read().split())
line = own * (bytes - 1) + "\\n"
open("ready." + own, "w").close()
for other in range(processes):
    while not os.path.exists("ready.%d" % other):
        pass
for _ in range(lines):
    with open("${LOG}", "a") as log:
        log.write(line)
' "\${own%%.*}"
`;

interface Script {
  readonly shell: Shell;
  readonly text: string;
  readonly needs: readonly string[];
  readonly linesMax?: number;
}

const PRINTF = `printf '%s\\n' "$x" >> ${LOG}`;
const ECHO = `echo "$x" >> ${LOG}`;

const scripts: Readonly<Record<string, Script>> = {
  'dash printf': { shell: 'dash', text: repeated(PRINTF), needs: ['dash'] },
  'dash echo': { shell: 'dash', text: repeated(ECHO), needs: ['dash'] },
  'bash printf': { shell: 'bash', text: repeated(PRINTF), needs: ['bash'] },
  'bash echo': { shell: 'bash', text: repeated(ECHO), needs: ['bash'] },
  "python open(…, 'a')": { shell: 'sh', text: PYTHON, needs: ['python3'] },
  'printf | tee -a': {
    shell: 'sh',
    text: repeated(`printf '%s\\n' "$x" | tee -a ${LOG} > /dev/null`),
    needs: ['tee'],
    linesMax: 16,
  },
};

const scriptFile = (dir: string, name: string): string => join(dir, `${Object.keys(scripts).indexOf(name)}.sh`);

/** Where sessions find the scripts from now on. */
export function writeScripts(dir: string): void {
  for (const [name, { text }] of Object.entries(scripts)) writeFileSync(scriptFile(dir, name), text);
}

/** @param dir where the scripts are. */
export const appendWriters = (dir: string): readonly AppendWriter[] => [
  ...Object.entries(nodeWriters).map(([name, perform]) => ({ name, needs: [], perform })),
  ...Object.entries(scripts).map(([name, { shell, text: _, ...script }]) => ({
    name,
    ...script,
    perform: { kind: 'command', shell, script: scriptFile(dir, name) } as const,
  })),
];

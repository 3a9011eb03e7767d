import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { textOf } from '../history/text.ts';
import { limits } from '../limits.ts';
import type { Command } from '../scenario/command.ts';
import type { Ended } from './attempt.ts';

/** A shell that has been started and waits to be let go. */
export interface WaitingCommand {
  run(): Promise<Ended>;
}

export interface Launcher {
  /** It has been killed: what it started is lost, and it starts nothing any more. */
  readonly dead: boolean;
  /** Resolves when all shells that were prepared wait to be let go. */
  ready(): Promise<void>;
  /** Starts the shell of a command, up to the point where the script would begin. */
  prepare(command: Command, dir: string, args: readonly string[]): WaitingCommand;
}

/**
 * Says on descriptor 4 that it is there, waits for a line on 3, then becomes the script: so that sessions meet in the script
 * and not in the start-up of their shells, which takes a hundred times as long and varies more than any race is wide.
 */
const GATE = 'echo ready >&4; exec 4>&-; IFS= read -r go <&3 || exit 125; exec 3<&-; . "$0"';

/** The exit code of a command that could not be started, or of which nothing more was heard. */
const LOST = 125;

/** FIFOs are made in batches, because making them takes a process. */
const BATCH = 32;

/**
 * Starts commands from a small shell that stays: a fork of Node, with all its memory, takes several times as long as the
 * start of a shell. Each command still is a process of its own, with standard output and error in files of `scratch`.
 *
 * @param scratch an existing directory of the launcher's own.
 */
export function startLauncher(scratch: string): Launcher {
  const shell = spawn('sh', ['-c', 'while IFS= read -r line; do eval "$line"; done', 'launcher', '\n'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C', GATE },
  });
  /** Those that wait for the next exit code, in the order in which they asked. */
  const waiting: ((exitCode: number) => void)[] = [];
  let starting = 0;
  let onReady = (): void => {};
  createInterface({ input: shell.stdout }).on('line', (line) => {
    if (line !== 'ready') waiting.shift()?.(Number(line));
    else if (--starting === 0) onReady();
  });
  // Killed from outside: whoever waits for its commands gets an answer that is none.
  let dead = false;
  const broken = (): void => {
    dead = true;
    for (const resolve of waiting.splice(0)) resolve(LOST);
    onReady();
  };
  shell.on('error', broken).on('close', broken);
  shell.stdin.on('error', broken);
  const free: number[] = [];
  let slots = 0;
  const file = (name: string, slot: number): string => join(scratch, `${name}-${slot}`);

  function takeSlot(): number {
    if (free.length === 0) {
      const added = Array.from({ length: BATCH }, () => slots++);
      const { status, stderr } = spawnSync(
        'mkfifo',
        added.map((slot) => file('go', slot)),
        { encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(`mkfifo failed: ${stderr}`);
      free.push(...added.reverse());
    }
    return free.pop()!;
  }

  return {
    get dead() {
      return dead;
    },
    async ready() {
      if (starting === 0 || dead) return;
      await new Promise<void>((resolve) => {
        onReady = resolve;
      });
    },
    prepare(command, dir, args) {
      const slot = takeSlot();
      // Both ends at once (fifo(7)): neither this nor the shell's opening waits, and the shell's reading does.
      const go = openSync(file('go', slot), constants.O_RDWR);
      const env = Object.entries(command.env ?? {}).map(([name, value]) => `export ${name}=${quoted(value)}; `);
      const become = ['exec', command.shell, '-c', '"$GATE"', ...[command.script, ...args].map(quoted)].join(' ');
      const io = `4>&1 3< ${quoted(file('go', slot))} > ${quoted(file('out', slot))} 2> ${quoted(file('err', slot))}`;
      starting++;
      // Where the shell can't be started, the trap says that it is as ready as it will ever be.
      shell.stdin.write(
        `(trap 'echo ready >&4' EXIT; cd ${quoted(dir)} || exit 125; ${env.join('')}${become}) ${io} & pid${slot}=$!\n`,
      );
      return {
        async run() {
          writeSync(go, 'go\n');
          const exitCode = await new Promise<number>((resolve) => {
            if (dead) return resolve(LOST);
            waiting.push(resolve);
            shell.stdin.write(`wait $pid${slot}; echo $?\n`);
          });
          closeSync(go);
          const stdout = textOf(readFileSync(file('out', slot)));
          const stderr = readFileSync(file('err', slot), 'utf8').slice(0, limits.stderrChars);
          free.push(slot);
          return { exitCode, stdout, stderr };
        },
      };
    },
  };
}

/** A word for the launcher that stands for itself. It is told what to do in lines, so a newline is its first argument. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''").replaceAll('\n', `'"$1"'`)}'`;

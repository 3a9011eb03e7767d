import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../harness/limits.ts';
import { type Launcher, startLauncher, type WaitingCommand } from '../../harness/session/run-command.ts';
import { hostileNames } from '../support/hostile-names.ts';
import { until } from '../support/processes.ts';

let dir: string;
let launcher: Launcher;

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'collide-test-')));
  mkdirSync(join(dir, 'scratch'));
  launcher = startLauncher(join(dir, 'scratch'));
});

beforeEach(() => {
  rmSync(inResource(), { recursive: true, force: true });
  mkdirSync(inResource());
});

afterAll(() => rmSync(dir, { recursive: true }));

const inResource = (...names: readonly string[]): string => join(dir, "the session's resource", ...names);

let scripts = 0;

/** A shell that waits to run these lines in the directory of the resource. */
function prepared(lines: string, ...args: readonly string[]): WaitingCommand {
  const script = join(dir, `script-${scripts++}.sh`);
  writeFileSync(script, `${lines}\n`);
  return launcher.prepare({ kind: 'command', shell: 'sh', script }, inResource(), args);
}

describe('a prepared command', () => {
  test('does nothing before it is run, ready as it is', async () => {
    const waiting = prepared(': > made');
    await launcher.ready();
    expect(existsSync(inResource('made'))).toBe(false);
    await waiting.run();
    expect(existsSync(inResource('made'))).toBe(true);
  });

  test('waits while others run that were prepared later', async () => {
    const waiting = prepared('echo waited >> log');
    for (const name of ['first', 'second', 'third']) await prepared(`echo ${name} >> log`).run();
    expect(readFileSync(inResource('log'), 'utf8')).toBe('first\nsecond\nthird\n');
    await waiting.run();
    expect(readFileSync(inResource('log'), 'utf8')).toBe('first\nsecond\nthird\nwaited\n');
  });

  test('runs at the same time as others: each waits for the file that the other makes', async () => {
    const meeting = (mine: string, other: string) => prepared(`: > ${mine}; until [ -e ${other} ]; do :; done`);
    const results = await Promise.all([meeting('a', 'b'), meeting('b', 'a')].map((command) => command.run()));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  test('says what it printed, on standard output and on standard error, and that it succeeded', async () => {
    expect(await prepared('echo out; echo err >&2; printf "ü 2"').run()).toEqual({
      exitCode: 0,
      stdout: 'out\nü 2',
      stderr: 'err\n',
    });
  });

  test.each([1, 2, 75])('says that it exited with %i, and nothing behind that was run', async (code) => {
    expect(await prepared(`exit ${code}; : > behind`).run()).toEqual({ exitCode: code, stdout: '', stderr: '' });
    expect(existsSync(inResource('behind'))).toBe(false);
  });

  test('has the exit code of its last command', async () => {
    expect(await prepared('true; false').run()).toMatchObject({ exitCode: 1 });
  });

  test.each([
    ['KILL', 137],
    ['TERM', 143],
  ])('says that SIG%s ended it, which is neither success nor refusal', async (signal, exitCode) => {
    const { stderr: _, ...result } = await prepared(`echo before; kill -${signal} $$; echo behind`).run();
    expect(result).toEqual({ exitCode, stdout: 'before\n' });
  });

  test('works in the directory of the resource, and knows its arguments as they are', async () => {
    const args = ['s0.1', "it's", '$HOME "and" `more`\\'];
    const { stdout } = await prepared('pwd -P; echo $#; for each; do printf "%s\\n" "$each"; done', ...args).run();
    expect(stdout.trimEnd().split('\n')).toEqual([inResource(), '3', ...args]);
  });

  test.each(Object.keys(hostileNames))('works in a directory with %s in its name', async (kind) => {
    const named = inResource(hostileNames[kind]!);
    mkdirSync(named);
    const script = join(named, 'script.sh');
    writeFileSync(script, 'pwd -P; printf "%s" "$1$NAME"; : > made');
    const env = { NAME: hostileNames[kind]! };
    const waiting = launcher.prepare({ kind: 'command', shell: 'sh', script, env }, named, [named]);
    expect((await waiting.run()).stdout).toBe(`${named}\n${named}${hostileNames[kind]}`);
    expect(existsSync(join(named, 'made'))).toBe(true);
  });

  test.each(Object.keys(hostileNames))('keeps what is printed in a directory with %s in its name', async (kind) => {
    const scratch = join(dir, 'scratches', hostileNames[kind]!);
    mkdirSync(scratch, { recursive: true });
    const script = join(dir, 'printing.sh');
    writeFileSync(script, 'echo out; echo err >&2');
    const waiting = startLauncher(scratch).prepare({ kind: 'command', shell: 'sh', script }, inResource(), []);
    expect(await waiting.run()).toEqual({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  test('speaks the same language on every machine, reads nothing, and has no descriptor of the gate left', async () => {
    const { stdout } = await prepared(
      'echo "$LC_ALL"; cat; for fd in 3 4; do (: <&$fd) 2> /dev/null || (: >&$fd) 2> /dev/null || echo no $fd; done',
    ).run();
    expect(stdout).toBe('C\nno 3\nno 4\n');
  });

  test('keeps the beginning of what it complains about, up to a limit', async () => {
    const { stderr } = await prepared('printf "first %10000s" "" | tr " " x >&2').run();
    expect(stderr).toBe(`first${'x'.repeat(limits.stderrChars - 5)}`);
  });

  test('prints nothing of what another has printed before it', async () => {
    await prepared('echo a long line; echo a long complaint >&2').run();
    expect(await prepared('echo short').run()).toEqual({ exitCode: 0, stdout: 'short\n', stderr: '' });
  });

  test('has its own answer among many, in whatever order they are run', async () => {
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    const commands = numbers.map((number) => prepared(`echo ${number}; exit ${number}`));
    await launcher.ready();
    const results = await Promise.all(commands.toReversed().map((command) => command.run()));
    expect(results.toReversed()).toEqual(
      numbers.map((number) => ({ exitCode: number, stdout: `${number}\n`, stderr: '' })),
    );
  });

  test('fails where there is no such script, and names it', async () => {
    const script = join(dir, 'no-such.sh');
    const { exitCode, stderr } = await launcher.prepare({ kind: 'command', shell: 'sh', script }, dir, []).run();
    expect(exitCode).toBeGreaterThan(1);
    expect(stderr).toContain('no-such.sh');
  });
});

describe('a launcher', () => {
  const entriesOf = (scratch: string) => readdirSync(scratch, { withFileTypes: true });

  test('is ready where nothing was prepared', async () => {
    await launcher.ready();
    expect(await prepared('echo still there').run()).toMatchObject({ stdout: 'still there\n' });
  });

  test('is ready once every shell has got as far as to have its output', async () => {
    const scratch = join(dir, 'fresh');
    mkdirSync(scratch);
    const fresh = startLauncher(scratch);
    const script = join(dir, 'nothing.sh');
    writeFileSync(script, '');
    const commands = Array.from({ length: 20 }, () =>
      fresh.prepare({ kind: 'command', shell: 'sh', script }, inResource(), []),
    );
    await fresh.ready();
    expect(entriesOf(scratch).filter((entry) => entry.isFile())).toHaveLength(20 * 2);
    await Promise.all(commands.map((command) => command.run()));
  });

  test('needs no more room for many commands, one after another, than for one', async () => {
    await prepared(':').run();
    const before = entriesOf(join(dir, 'scratch')).length;
    for (let n = 0; n < 70; n++) await prepared(':').run();
    expect(entriesOf(join(dir, 'scratch'))).toHaveLength(before);
  });
});

test('ready does not wait for a shell that could not start, and its command is not called refused', async () => {
  const command = launcher.prepare({ kind: 'command', shell: 'sh', script: '/dev/null' }, join(dir, 'gone'), []);
  await launcher.ready();
  expect(await command.run()).toMatchObject({ exitCode: 125 });
});

test('a launcher that is killed is dead: its commands are lost, and nobody waits for them', async () => {
  const waiting = prepared('echo never');
  await launcher.ready();
  await Promise.all([until(() => launcher.dead), prepared('kill -9 $PPID').run()]);
  prepared('echo never');
  await launcher.ready();
  expect(await waiting.run()).toMatchObject({ exitCode: 125 });
});

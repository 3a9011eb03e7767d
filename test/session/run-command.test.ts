import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../harness/limits.ts';
import { type Launcher, startLauncher, type WaitingCommand } from '../../harness/session/run-command.ts';

let dir: string;
let launcher: Launcher;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "collide-test-it's ")));
  mkdirSync(join(dir, 'resource'));
  mkdirSync(join(dir, 'scratch'));
  launcher = startLauncher(join(dir, 'scratch'));
});

afterEach(() => rmSync(dir, { recursive: true }));

let scripts = 0;

/** A shell that waits to run these lines in the directory `resource`. */
function prepared(lines: string, ...args: readonly string[]): WaitingCommand {
  const script = join(dir, `script-${scripts++}.sh`);
  writeFileSync(script, `${lines}\n`);
  return launcher.prepare({ kind: 'command', shell: 'sh', script }, join(dir, 'resource'), args);
}

const inResource = (name: string): string => join(dir, 'resource', name);

describe('a prepared command', () => {
  test('does nothing before it is run, though others that came later have run meanwhile', async () => {
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
    expect(await prepared('false').run()).toMatchObject({ exitCode: 1 });
  });

  test.each([
    ['KILL', 137],
    ['TERM', 143],
  ])('has the exit code that shells give it where SIG%s ended it', async (signal, exitCode) => {
    expect(await prepared(`echo before; kill -${signal} $$; echo behind`).run()).toEqual({
      exitCode,
      stdout: 'before\n',
      stderr: '',
    });
  });

  test('works in the directory of the resource, and knows its arguments', async () => {
    const { stdout } = await prepared('pwd -P; echo "$#:$1:$2"', 's0.1', 'a uuid').run();
    expect(stdout).toBe(`${join(dir, 'resource')}\n2:s0.1:a uuid\n`);
  });

  test('speaks the same language on every machine, reads nothing, and has nothing of the gate left', async () => {
    const { stdout } = await prepared('echo "$LC_ALL"; cat; (: <&3) 2> /dev/null || echo no descriptor 3').run();
    expect(stdout).toBe('C\nno descriptor 3\n');
  });

  test('keeps the beginning of what it complains about, up to a limit', async () => {
    const { stderr } = await prepared('printf "%10000s" "" | tr " " x >&2').run();
    expect(stderr).toBe('x'.repeat(limits.stderrChars));
  });

  test('fails where there is no such script', async () => {
    const missing = launcher.prepare({ kind: 'command', shell: 'sh', script: join(dir, 'no-such.sh') }, dir, []);
    const { exitCode, stderr } = await missing.run();
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toContain('no-such.sh');
  });
});

/** The command line as its users meet it: a process with arguments, output and an exit code. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Check, checkLines } from '../../harness/cli/doctor.ts';
import type { Fix } from '../../harness/cli/fixes.ts';
import type { Results } from '../../harness/report/results.ts';
import { packageRoot } from '../../harness/scenario/command.ts';
import { type Ended, inOneProcess, killStarted, type Started, start as startIn } from '../support/collide.ts';
import { isAlive, until } from '../support/processes.ts';
import { objections } from '../support/schemas.ts';

const onLinux = process.platform === 'linux';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
});
afterEach(() => {
  killStarted();
  rmSync(dir, { recursive: true });
});

const start = (...args: readonly string[]): Started => startNode([], args);

const startNode = (nodeArgs: readonly string[], args: readonly string[]): Started =>
  startIn(args, { cwd: dir, temporary: dir, nodeArgs });

const collide = (...args: readonly string[]): Promise<Ended> => start(...args).ended;

/** For what is answered at once, and starts nothing. */
const many = inOneProcess();
afterAll(() => many.close());

const asked = (...args: readonly string[]): Promise<Ended> => many.ask({ args, cwd: dir, temporary: dir });

/** Sandboxes of runs, in the temporary directory of the test. */
const sandboxes = (): readonly string[] => readdirSync(dir).filter((name) => name.startsWith('collide-'));

describe('a mistake of the caller is one line that names it, and exit code 2', () => {
  test.each([
    [
      ['run', '--targets', 'nope'],
      "collide: no target is called 'nope'. See `collide list` for the targets there are.",
    ],
    [['run', '--targets', 'override-tokens'], 'Did you mean'],
    [['run', '--writers', '0'], 'collide: --writers 0: expected a whole number from 2 to 64'],
    [['run', '--writers', '65'], 'collide: --writers 65: expected a whole number from 2 to 64'],
    [['run', '--writers', 'four'], 'collide: --writers four: expected a whole number from 2 to 64'],
    [['run', '--rounds', '0'], 'collide: --rounds 0: expected a whole number from 1 to 1000000'],
    [['run', '--budget', '10'], 'collide: --budget 10: expected a time such as 500ms, 45s, 2m or 1h'],
    [['run', '--seed', '-1'], 'collide: --seed -1: expected a whole number from 0 to 4294967295'],
    [
      ['run', '--dir', '/nonexistent'],
      'collide: --dir /nonexistent: there is no such directory; make it first, or leave the flag out',
    ],
    [['run', '--dir', '/dev/null'], 'collide: --dir /dev/null: that is not a directory'],
    [['run', '--out', '/dev/null/x'], "collide: --out /dev/null: can't be written to: ENOTDIR"],
    [['run', '--frobnicate'], "collide: unknown option '--frobnicate'. See `collide --help`."],
    [['frobnicate'], "collide: unknown command 'frobnicate'"],
    [['run', 'override-token'], 'collide: too many arguments'],
    [['ledger', '--in', 'nothing.json'], "collide: --in nothing.json can't be read"],
    [['list', 'nope'], "no target is called 'nope'"],
    [['list', '--fix', 'nope'], "no target is called 'nope'"],
    [['list', '--fix'], 'collide: list --fix: name a target'],
    [['run', '--topology', 'star'], 'collide: --topology star: expected same-directory, two-directories, with-vanilla'],
    [['run', '--topology', 'same-directory', '--per-session-mode'], 'use one or the other'],
    [['run', '--topology', 'two-directories', '--engine', 'explore'], 'nothing to interleave; use both or storm'],
  ])('collide %j', async (args, line) => {
    const { code, stdout, stderr } = await asked(...args);
    expect(stderr).toContain(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([2, '']);
    expect(sandboxes()).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('a directory that may not be written to', async () => {
    chmodSync(dir, 0o555);
    const { code, stderr } = await collide('run', '--dir', dir, '--out', tmpdir());
    chmodSync(dir, 0o755);
    expect(stderr).toMatch(/^collide: --dir .*: can't be written to: EACCES/);
    expect(code).toBe(2);
  });

  test('a results file of another format', async () => {
    writeFileSync(join(dir, 'old.json'), '{"format":"something-else"}');
    const { code, stderr } = await collide('ledger', '--in', 'old.json');
    expect(stderr).toContain('old.json has format "something-else", expected');
    expect(code).toBe(2);
  });
});

test('without a command it prints the help, and exits with 2', async () => {
  const { code, stderr } = await collide();
  expect(stderr).toContain('Usage: collide [options] [command]');
  for (const name of ['run', 'list', 'exec', 'init', 'probe'])
    expect(stderr).toMatch(new RegExp(`^  collide ${name} ?`, 'm'));
  expect(code).toBe(2);
});

test.each([
  'run',
  'replay',
  'check',
  'ledger',
  'list',
  'exec',
  'init',
  'probe',
  'report',
  'watch',
  'autopsy',
  'gate',
  'merge',
])('collide %s --help shows examples', async (name) => {
  const { code, stdout } = await asked(name, '--help');
  expect(stdout).toMatch(new RegExp(`Examples?:\\n(.*\\n)*.*collide ${name}`));
  expect(code).toBe(0);
});

test('run, then ledger: a table and a summary for people, results and a ledger in files, and nothing else is left', async () => {
  const run = await collide('run', '--targets', 'cleared-marker,session-id', '--rounds', '2', '--writers', '2');
  expect(run.stdout).toMatch(/│ session-id +│ P1 │ static-id +│ CONTAMINATED +│ 1 interleaving; 2 of 2 rounds/);
  expect(run.stdout).toContain('Results with witnesses: reports/results.json');
  const results = JSON.parse(readFileSync(join(dir, 'reports/results.json'), 'utf8')) as Results;
  expect(objections('results', results)).toEqual([]);
  expect(results.options).toMatchObject({ writers: 2, targets: ['cleared-marker', 'session-id'], seed: 1, rounds: 2 });
  const staticId = results.verdicts.find(({ strategy }) => strategy === 'static-id')!;
  expect(staticId.findings[0]!.witness.operations.length).toBeGreaterThan(0);
  expect(Date.parse(results.startedAt!)).toBeLessThan(Date.now());
  const ledger = await collide('ledger');
  expect(ledger).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 targets: reports\/COLLISION-LEDGER.md/) });
  const files = ['md', 'jsonl'].map((end) => join(dir, `reports/COLLISION-LEDGER.${end}`));
  const bytes = (): readonly string[] => files.map((file) => readFileSync(file, 'utf8'));
  const [markdown, jsonl] = bytes();
  expect(markdown).toContain(
    '| [`session-id`](#session-id) | `static-id` | `CONTAMINATED` | witness | `uuid` | SAFE, ',
  );
  expect(markdown).toContain('More in the README of collide.');
  const before = join(dir, 'before.jsonl');
  writeFileSync(before, jsonl!.replaceAll('CONTAMINATED', 'STUCK'));
  const [, since] = await Promise.all([collide('ledger'), collide('ledger', '--since', before, '--json')]);
  expect(bytes()).toEqual([markdown, jsonl]);
  expect(JSON.parse(since.stdout)).toMatchObject({
    since: { startedAt: results.startedAt },
    run: { startedAt: results.startedAt },
    changes: expect.arrayContaining([
      { kind: 'verdict', target: 'session-id', before: 'STUCK', after: 'CONTAMINATED' },
    ]),
  });
  rmSync(before);
  expect(readdirSync(join(dir, 'reports')).sort()).toEqual([
    'COLLISION-LEDGER.jsonl',
    'COLLISION-LEDGER.md',
    'results.json',
  ]);
  expect(readdirSync(dir)).toEqual(['reports']);
});

test('--json prints the results and nothing else on standard output', async () => {
  const { stdout, stderr } = await collide(
    'run',
    '--engine',
    'storm',
    '--targets',
    'session-id',
    '--rounds',
    '1',
    '--json',
  );
  const results = JSON.parse(stdout) as Results;
  expect(results.format).toBe('collide-results-2');
  expect(objections('results', results)).toEqual([]);
  expect(results.verdicts.map(({ strategy }) => strategy)).toEqual(['static-id', 'uuid']);
  expect(stderr).toContain('[1/2] session-id/static-id');
});

test('--per-session-mode shows what a copy for each session changes', async () => {
  const { stdout } = await collide(
    'run',
    '--engine',
    'storm',
    '--targets',
    'session-id',
    '--rounds',
    '2',
    '--per-session-mode',
    '--writers',
    '2',
  );
  expect(stdout).toMatch(/strategy +│ shared +│ a copy for each session +│ what that changes/);
  expect(stdout).toMatch(/static-id +│ CONTAMINATED +│/);
});

describe('--topology', () => {
  const run = (...args: readonly string[]) =>
    collide('run', '--engine', 'storm', '--targets', 'session-id,team-config', '--writers', '2', ...args);

  test('says what is shared, what collides then, and the tier that this comes to', async () => {
    const { stdout, code } = await run('--topology', 'with-vanilla', '--rounds', '100');
    expect(stdout).toMatch(/target +│ +│ sessions +│ strategy/);
    expect(stdout).toMatch(/session-id +│ P1 │ one writes +│ static-id +│ SAFE +│ 100 rounds of one session/);
    expect(stdout).toMatch(/team-config +│ P1 │ share it +│ rmw +│/);
    expect(stdout).toContain('\nTopology with-vanilla: one session has hooks, ');
    expect(stdout).toMatch(/\nAs found: Dangerous, because of team-config \([A-Z_ +]+\)/);
    expect(stdout).toContain('\nWith the fixes: Safe.');
    expect(code).toBe(0);
    const { options, safety } = JSON.parse(readFileSync(join(dir, 'reports/results.json'), 'utf8')) as Results;
    expect(options).toMatchObject({ topology: 'with-vanilla', modes: ['alone', 'shared'] });
    expect(safety).toMatchObject({ topology: 'with-vanilla', targets: 2, withFixes: { tier: 'Safe', causes: [] } });
    const ledger = await collide('ledger');
    expect(ledger.stderr).toContain('holds a run with --topology with-vanilla, in which not all was shared');
    expect(ledger.code).toBe(2);
  });

  test('is in the JSON, too', async () => {
    const { stdout } = await run('--topology', 'two-directories', '--rounds', '1', '--json');
    const { verdicts, safety } = JSON.parse(stdout) as Results;
    expect(verdicts.map(({ mode }) => mode)).toEqual(['per-session', 'per-session', 'shared', 'shared', 'shared']);
    expect(safety?.topology).toBe('two-directories');
  });
});

test.runIf(onLinux).each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle of a run leaves no process and no directory',
  async (signal) => {
    const run = start('run', '--engine', 'storm', '--targets', 'ingest-health', '--rounds', '100000');
    const sessions = await sessionsOf(run, 5);
    run.child.kill(signal);
    const { code, stdout } = await run.ended;
    expect(stdout).toContain('Interrupted: 0 rows were done; the others have no verdict.');
    expect(code).toBe(130);
    expect(sessions.filter(isAlive)).toEqual([]);
    expect(sandboxes()).toEqual([]);
  },
);

test.runIf(onLinux)('a run that is killed is cleared up by its sessions', async () => {
  const run = start('run', '--engine', 'storm', '--targets', 'ingest-health', '--rounds', '100000');
  const sessions = await sessionsOf(run, 5);
  await whileRunning(run, () => sandboxes().some((sandbox) => holds(join(dir, sandbox), 'health.json')));
  run.child.kill('SIGKILL');
  await run.ended;
  await until(() => !sessions.some(isAlive) && sandboxes().length === 0);
  expect(sandboxes()).toEqual([]);
});

test.runIf(onLinux).each([
  ['SIGINT', 'where it chooses to make its sandboxes', []],
  ['SIGINT', 'in a directory of the caller', ['--dir', '.']],
  ['SIGKILL', 'where it chooses to make its sandboxes', []],
] as const)('%s in the middle of an exploration leaves no process and no directory %s', async (signal, _, place) => {
  const run = start('run', '--engine', 'explore', '--targets', 'knowledge-db', '--budget', '10m', ...place);
  const explores = (): boolean => sandboxesOf(run).some((path) => holds(path, '.db'));
  await whileRunning(run, explores);
  const paths = sandboxesOf(run);
  expect(paths.flatMap(processesOf).length).toBeGreaterThan(0);
  run.child.kill(signal);
  const { code, stdout } = await run.ended;
  const left = (): readonly unknown[] => [...paths.filter((path) => existsSync(path)), ...paths.flatMap(processesOf)];
  if (signal === 'SIGKILL') await until(() => left().length === 0);
  else {
    expect(stdout).toContain('Interrupted: 0 rows were done; the others have no verdict.');
    expect(code).toBe(130);
  }
  expect(left()).toEqual([]);
});

/** Is there a file of this name somewhere in a directory, which may be gone at any time? */
function holds(directory: string, name: string): boolean {
  try {
    return readdirSync(directory, { recursive: true }).some((path) => String(path).endsWith(name));
  } catch {
    return false;
  }
}

test('run --engine explore says how far it went', async () => {
  const { code, stdout } = await collide(
    'run',
    '--engine',
    'explore',
    '--targets',
    'override-token',
    '--writers',
    '2',
    '--budget',
    '60s',
  );
  expect(stdout).toMatch(/cas-mv +│ SAFE +│ all 2 interleavings/);
  expect(stdout).toContain('Replay it: collide replay override-token/check-then-remove:2:');
  expect(code).toBe(0);
});

describe.runIf(onLinux)('where no session can go behind the gate', () => {
  /** A module that forbids the process that loads it, and all that it starts, to install a filter, as containers do. */
  function forbidding(): string {
    const gate = pathToFileURL(join(packageRoot(), 'harness/gate/')).href;
    const path = join(dir, 'forbid.mjs');
    writeFileSync(
      path,
      `import { archOf, numberOf } from '${gate}calls.ts';
      import { setFilter, setNoNewPrivileges } from '${gate}kernel.ts';
      const [LOAD, JUMP_IF_EQUAL, RETURN, EPERM, ALLOW] = [0x20, 0x15, 0x06, 0x00050001, 0x7fff0000];
      const bytes = (code, ifFalse, operand) => [code, 0, 0, ifFalse, ...new Uint8Array(Uint32Array.of(operand).buffer)];
      setNoNewPrivileges();
      try {
        setFilter(0, Buffer.from([
          ...bytes(LOAD, 0, 0),
          ...bytes(JUMP_IF_EQUAL, 1, numberOf('seccomp', archOf(process.arch))),
          ...bytes(RETURN, 0, EPERM),
          ...bytes(RETURN, 0, ALLOW),
        ]));
      } catch {} // a session, which has the filter of the supervisor already\n`,
    );
    return path;
  }

  test('exploration alone is exit code 3, with the reason', async () => {
    const run = startNode(['--import', forbidding()], ['run', '--engine', 'explore', '--targets', 'session-id']);
    const { code, stdout, stderr } = await run.ended;
    expect(stderr).toMatch(/^collide: nothing can be explored here: .*seccomp.*EPERM/m);
    expect([code, stdout]).toEqual([3, '']);
    expect(sandboxes()).toEqual([]);
  });

  test('there is a storm all the same, and the summary says why it is all there is', async () => {
    const args = ['run', '--targets', 'session-id', '--rounds', '2', '--writers', '2'];
    const { stdout, stderr } = await startNode(['--import', forbidding()], args).ended;
    expect(stderr).toMatch(/storm only: nothing can be explored here: .*EPERM\n/);
    expect(stdout).toMatch(/\nStorm only: nothing can be explored here: .*EPERM\n/);
    expect(stdout).toMatch(/\n\d+ rounds stormed in /);
    expect(stdout).toMatch(/│ static-id +│ CONTAMINATED +│ 2 of 2 rounds/);
  });
});

test('replay shows an execution step by step, again and again', async () => {
  const witness = 'memory-notes/edit:2:0@open.2:NOTES.md,1,0';
  const { code, stdout } = await collide('replay', witness, '--times', '5');
  expect(stdout).toContain('memory-notes/edit: LAST_WRITER_WINS');
  expect(stdout).toContain('5 replays, all with the same steps.');
  expect(code).toBe(0);
  const gone = await collide('replay', 'memory-notes/edit:2:0@unlink:NOTES.md,1');
  expect(gone.stdout).toContain('session 0 ended before unlink NOTES.md');
});

test.each([
  ['--engine turbo', ['run', '--engine', 'turbo'], 'expected both, explore, storm'],
  ['a witness that is none', ['replay', 'nonsense:2:0'], 'is no witness'],
  ['a target that is none', ['replay', 'nonsense/rmw:2:0'], "no target is called 'nonsense'"],
  ['a strategy that is none', ['replay', 'memory-notes/rmw:2:0'], 'it has edit, append'],
  ['a session that is not there', ['replay', 'memory-notes/edit:2:0,7'], 'the last one is session 1'],
  ['results that are not there', ['replay', 'memory-notes/edit'], 'run `collide run` first'],
  ['a model that is none', ['check', '--model', 'stack', 'x'], 'expected one of register'],
])('%s is a usage error that says what is right', async (_, args, remedy) => {
  const { code, stderr } = await asked(...args);
  expect(stderr).toContain(remedy);
  expect(code).toBe(2);
});

test('list and doctor speak to people and to machines', async () => {
  const overview = await asked('list');
  expect(overview.stdout).toMatch(/│ override-token +│ P1 │ check-then-remove +│ DOUBLE_CONSUME/);
  const one = await asked('list', 'override-token');
  expect(one.stdout).toContain('cas-mv: SAFE');
  const data = JSON.parse((await asked('list', 'P2', '--json')).stdout) as { readonly priority: string }[];
  expect(new Set(data.map(({ priority }) => priority))).toEqual(new Set(['P2']));
  expect(objections('list', data)).toEqual([]);
  const checks = JSON.parse((await collide('doctor', '--json')).stdout) as readonly Check[];
  expect(checks.map(({ name }) => name)).toContain('flock(2)');
  expect(checkLines(checks)).toMatch(/^✓ node +v\d+\.\d+\.\d+\n/);
});

test('list --fix prints the source of what holds, the recommended first, and what it costs', async () => {
  const { stdout, code } = await asked('list', '--fix', 'session-transcript');
  expect(stdout).toMatch(/── resume-fork \(recommended\)[\s\S]*what it costs[\s\S]*perform: [\s\S]*── exclusive-id/);
  expect(stdout).toContain('// scenarios/recipes/exclusive.ts\n');
  expect(code).toBe(0);
  const script = await asked('list', '--fix', 'override-token');
  expect(script.stdout).toContain('mv "$token" "$token.consumed.$$"');
  const fixes = JSON.parse((await asked('list', '--fix', 'instruction-history', '--json')).stdout) as Fix[];
  expect(fixes.map(({ strategy, recommended }) => [strategy, recommended])).toContainEqual(['version-cas', false]);
  expect(fixes[0]).toMatchObject({ strategy: 'flock', recommended: true, cost: expect.any(String) });
  expect(fixes[0]!.source.map(({ file }) => file)).toContain('scenarios/recipes/flock.ts');
});

/** The session processes of a run, once there are that many. */
async function sessionsOf(run: Started, count: number): Promise<readonly number[]> {
  await whileRunning(run, () => processesOf(dir).length >= count);
  return processesOf(dir);
}

/** All processes that were started for runs whose sandboxes are in this directory, or are this directory. */
function processesOf(directory: string): readonly number[] {
  const marks = [`COLLIDE_MARK=${directory}/`, `COLLIDE_MARK=${directory}:`];
  const marked = (pid: number): boolean => marks.some((mark) => procFile(pid, 'environ').includes(mark));
  return readdirSync('/proc').map(Number).filter(Number.isInteger).filter(marked);
}

/** Where a run has its sandboxes: it tells its janitor. */
function sandboxesOf({ child }: Started): readonly string[] {
  const children = procFile(child.pid!, `task/${child.pid}/children`).trim().split(' ').map(Number);
  const janitor = children
    .map((pid) => procFile(pid, 'cmdline').split('\0'))
    .find((args) => args[3] === 'collide-janitor');
  return janitor?.slice(4, -1) ?? [];
}

/** Empty where the process is gone. */
function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** Waits until something is so, unless the run ends before. */
async function whileRunning(run: Started, condition: () => boolean): Promise<void> {
  const early = run.ended.then(({ code, stderr }) => {
    throw new Error(`the run ended too early, with ${code}: ${stderr}`);
  });
  await Promise.race([until(condition), early]);
}

test('whoever reads may stop reading', async () => {
  const main = join(packageRoot(), 'harness/cli/main.ts');
  const shell = spawn('sh', ['-c', `'${process.execPath}' '${main}' list --json | head -n 1`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
  expect([stdout, stderr]).toEqual(['[\n', '']);
});

test('an interrupted run does not take the place of results that are complete', async () => {
  await collide('run', '--engine', 'storm', '--targets', 'session-id', '--rounds', '5');
  const complete = readFileSync(join(dir, 'reports/results.json'), 'utf8');
  const run = start('run', '--engine', 'storm', '--targets', 'ingest-health', '--rounds', '100000');
  await sessionsOf(run, 5);
  run.child.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
  expect(readFileSync(join(dir, 'reports/results.json'), 'utf8')).toBe(complete);
  expect(JSON.parse(readFileSync(join(dir, 'reports/results.partial.json'), 'utf8'))).toMatchObject({
    interrupted: true,
  });
});

test('a temporary directory that is not there is one line, and exit code 2', async () => {
  const main = join(packageRoot(), 'harness/cli/main.ts');
  const child = spawn(process.execPath, [main, 'doctor'], { env: { ...process.env, TMPDIR: '/nonexistent' } });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(stderr).toBe('collide: TMPDIR=/nonexistent: there is no such directory; make it, or name another\n');
  expect(code).toBe(2);
});

test.runIf(onLinux)('a place where nothing can be made is refused, and does not hang', async () => {
  const { code, stderr } = await collide('run', '--out', '/proc/reports');
  expect(stderr).toMatch(/^collide: --out \/proc: can't be written to: /);
  expect(code).toBe(2);
});

/** Commands that nobody has specified, as users give them. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Results } from '../../harness/report/results.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import { type Ended, inOneProcess, start } from '../support/collide.ts';
import { objections } from '../support/schemas.ts';

let dir: string;
let work: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  work = join(dir, 'given');
  mkdirSync(work);
});
afterEach(() => rmSync(dir, { recursive: true }));

const collide = (...args: readonly string[]): Promise<Ended> => run('exec', ...args);

const run = (...args: readonly string[]): Promise<Ended> => start(args, { cwd: work, temporary: dir }).ended;

/** For mistakes: they are answered at once, or soon. */
const many = inOneProcess();
afterAll(() => many.close());

const asked = (...args: readonly string[]): Promise<Ended> =>
  many.ask({ args: ['exec', ...args], cwd: work, temporary: dir });

/** It ends when all is known: the time is for machines that are busy. */
const explored = (...args: readonly string[]): Promise<Ended> =>
  collide('--engine', 'explore', '--budget', '2m', ...args);

/** Enough for two, and some schedules of more. */
const FEW = ['--steps', '5000'];

const INCREMENT = 'n=$(cat n); echo $((n + 1)) > n';
/** In the storm, it loses an update every time. */
const SLOW = 'n=$(cat n); sleep 0.2; echo $((n + 1)) > n';
const gitMissing = (await missingNeed(['git'])) !== undefined;

describe.runIf(process.platform === 'linux')('commands are explored', () => {
  beforeEach(() => writeFileSync(join(work, 'n'), '0\n'));

  test('with a picture, and a witness that is replayed by saying them again', async () => {
    const { code, stdout } = await explored(INCREMENT);
    expect(code).toBe(1);
    expect(stdout).toContain('1 of 2 updates is gone, though success was reported');
    const [, witness] = /--replay (\S+) 'n=\$\(cat n\); echo/.exec(stdout)!;
    const again = await collide('--replay', witness!, '--times', '20', INCREMENT);
    expect(again.stdout).toContain('20 replays, all with the same steps.');
    expect(again.stdout).toContain('LAST_WRITER_WINS');
    expect(again.code).toBe(1);
  });

  /** What is said of each, by what it is; all in one run, since most of the time of a run is for its sessions to start. */
  test('of many kinds', async () => {
    symlinkSync('a', join(work, 'to'));
    const safe = /^SAFE, all \d+ interleavings/;
    const polled = /^INCONCLUSIVE, \d+ interleavings; left out: retry loops .*mkdir/;
    const apart = /^SAFE, 1 interleaving: nothing conflicts$/;
    const lost = /^LAST_WRITER_WINS, /;
    const kinds: Readonly<Record<string, readonly [string | readonly string[], RegExp, object?]>> = {
      'a-lock-that-is-a-directory': [`until mkdir l 2> /dev/null; do sleep 0.01; done; ${INCREMENT}; rmdir l`, polled],
      'an-append': ['echo {session} >> log', safe],
      'nothing-in-common': [['echo 1 > a', 'echo 2 > b'], apart],
      'a-time-that-is-written-down': ['date +%s%N > at-{session}; echo $$ >> at-{session}', apart],
      'a-name-that-is-drawn': ['t=$(mktemp ./tmp.XXXXXX); echo x > "$t"; mv "$t" state', safe],
      'a-token-that-is-moved-away': ['mv n mine-{session} 2> /dev/null', safe],
      'a-token-that-is-looked-at-before': ['[ -e n ] && rm -f n', /^DOUBLE_CONSUME, /],
      'a-rewrite-of-a-list': ['sed -i "1i {session}" n', lost],
      'a-variable-of-the-session': ['echo $COLLIDE_SESSION $COLLIDE_OP > own-$COLLIDE_UUID', apart],
      'where-a-link-leads': ['if [ "$(readlink to)" = a ]; then ln -sfn b to; else ln -sfn a to; fi', lost],
      'who-may-run-a-file': ['if [ -x n ]; then chmod -x n; else chmod +x n; fi', lost],
      'what-lies-among-temporary-files': ['c=$(cat $TMPDIR/n || echo 0); echo $((c + 1)) > $TMPDIR/n', lost],
      'what-stands-beside-a-drawn-name': [`${INCREMENT}; : > $(od -An -N4 -tx1 /dev/urandom | tr -d ' ')`, lost],
      'what-stands-above-a-time': ['read c < n; { echo $((c + 1)); date +%s; } > n', lost],
      'on-which-file-system-it-is': ['stat -c %d . > at-{session}', apart],
      'what-grows-from-run-to-run': [`echo >> ${dir}/all-{session}; cp ${dir}/all-{session} own-{session}`, apart],
      'a-job-in-the-background': ['(cat n > seen-{session}; echo {session} >> log) &', safe],
      'a-file-that-is-not-there': [INCREMENT, /^VACUOUS$/, { watch: ['work/n'] }],
      'a-section-that-is-not-there': [INCREMENT, /^VACUOUS$/, { expect: [{ exclusion: true }] }],
      'bytes-that-are-no-text': [
        ["printf '\\200' > f; printf '\\200' > g", "printf '\\201' > f; printf '\\201' > g"],
        /^NOT_SERIALIZABLE, /,
      ],
      'who-may-read-files': [
        ['chmod 600 n; chmod 600 b', 'chmod 644 n; chmod 644 b'],
        /^NOT_SERIALIZABLE, /,
        { files: { b: '' } },
      ],
      'who-may-enter': [
        ['chmod 700 d; chmod 700 e', 'chmod 755 d; chmod 755 e'],
        /^NOT_SERIALIZABLE, /,
        { files: { 'd/f': '', 'e/f': '' } },
      ],
      'ids-that-were-the-same-once': ['echo $$ > a; echo $$ > b', /^NOT_SERIALIZABLE, /],
      'a-name-that-is-no-text': ['touch "$(printf \'bad\\377\')"', /^INCONCLUSIVE$/],
      'a-name-that-is-no-text-in-between': [
        ['touch a; rm a', '[ -e a ] && touch "$(printf \'bad\\377\')"; true'],
        /^INCONCLUSIVE/,
      ],
      'ids-that-name-one-session': ['echo $$ > last; echo $$ >> log', /^NOT_SERIALIZABLE, /],
      'a-job-that-goes-on': ['(sleep 20; echo {session} >> log) &', /^INCONCLUSIVE$/],
      'what-is-expected-in-vain': ['echo > own-{session}', /^BROKEN_ALONE$/, { expect: [{ oneSuccess: true }] }],
    };
    const targets = Object.entries(kinds).map(([id, [commands, , more]]) => ({ id, dir: 'given', commands, ...more }));
    writeFileSync(join(dir, 'many.json'), JSON.stringify({ targets, writers: 2, engine: 'explore', budget: '120s' }));
    const { stderr } = await run('run', '--config', '../many.json', '--out', '../out');
    const said = new Map(
      Array.from(stderr.matchAll(/^\[\d+\/\d+\] (\S+)\/commands: (.*)$/gm), ([, id, words]) => [id, words]),
    );
    for (const [id, [, expected]] of Object.entries(kinds)) expect(said.get(id), id).toMatch(expected);
    const { verdicts } = JSON.parse(readFileSync(join(dir, 'out/results.json'), 'utf8')) as Results;
    expect(
      Object.fromEntries(verdicts.flatMap(({ target, uncompared }) => (uncompared ? [[target, uncompared]] : []))),
    ).toEqual({
      'what-grows-from-run-to-run': ['work/own-0', 'work/own-1'],
    });
    expect(verdicts.find(({ target }) => target === 'a-job-that-goes-on')!.reason).toMatch(
      /^session \d leaves sh running when its command ends, which may still change the files: /,
    );
    expect(verdicts.find(({ status }) => status === 'BROKEN_ALONE')!.reason).toBe(
      'what is expected does not hold one after another (s0, then s1): s0 and s1 all succeeded, and only one may',
    );
  });

  test('and what they leave running for a moment is waited for in the storm as well', async () => {
    const command = '(sleep 0.3; echo x >> log) &';
    const { code, stdout } = await collide('--engine', 'storm', '--rounds', '3', '--json', command);
    const [{ status, counts, findings }] = (JSON.parse(stdout) as Results).verdicts as [Results['verdicts'][number]];
    expect({ status, findings, acknowledged: counts.acknowledged, failed: counts.failedRounds }).toEqual({
      ...{ status: 'INCONCLUSIVE', findings: [], acknowledged: 6, failed: 0 },
    });
    expect(code).toBe(3);
    // It is waited for where they run one after another, too: else nobody would have seen a change at all.
    const lost = await collide('--engine', 'storm', '--rounds', '3', '(n=$(cat n); sleep 0.3; echo $((n + 1)) > n) &');
    expect(lost.stdout).toContain('LAST_WRITER_WINS: 3 of 3 rounds');
    expect(lost.code).toBe(1);
  });

  test.each<readonly [string, string, RegExp]>([
    [
      'in the explorer, where it meets a state that no serial order leaves',
      'explore',
      /^collide: the judge \.\/judge\.mjs made a mistake, and has judged nothing: TypeError: Cannot read .*\n {4}at .*judge\.mjs:\d+:\d+\)?\n$/,
    ],
    ['in the storm', 'storm', /the judge \.\/judge\.mjs made a mistake, and has judged nothing: TypeError: /],
  ])('and a judge that makes a mistake is told of as that: %s', async (_, engine, said) => {
    const judge = "export default ({ final }) => (final['work/n'] === '2\\n' ? undefined : final['work/gone'].length);";
    writeFileSync(join(work, 'judge.mjs'), judge);
    const { code, stderr } = await collide('--engine', engine, '--budget', '2m', '--expect', './judge.mjs', SLOW);
    expect(stderr.slice(stderr.indexOf('collide: '))).toMatch(said);
    expect(code).toBe(2);
  });

  test('and of the orders that decide, the one is named that a session was told something else by', async () => {
    writeFileSync(join(work, 'config'), 'clusters:\n- name: production\n');
    const add = 't=$(cat config); printf "%s\\n- name: test\\n" "$t" > config';
    const prune =
      't=$(cat config); case $t in *production*) exit 0;; esac; printf "clusters:\\n- name: none\\n" > config';
    const { stdout } = await explored(add, prune);
    expect(stdout).toContain('work/config is no YAML any more');
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /Session 0's `write work\/config` \(step \d+\) came between session 1's `read work\/config`/,
    );
  });

  test('in a directory with links, in node_modules and to itself, and with a FIFO', async () => {
    mkdirSync(join(work, 'node_modules/.store/a'), { recursive: true });
    symlinkSync('.store/a', join(work, 'node_modules/a'));
    symlinkSync('.', join(work, 'self'));
    execFileSync('mkfifo', [join(work, 'fifo')]);
    expect((await explored(INCREMENT)).stdout).toMatch(/^LAST_WRITER_WINS: /m);
  });

  test('and what they write outside of their copy is named', async () => {
    const { stdout } = await explored(`echo > ${dir}/elsewhere-{session}; cat n > /dev/null`);
    expect(stdout).toContain(`outside the copy, for real: ${dir}/elsewhere-0, ${dir}/elsewhere-1\n`);
    expect(stdout).toMatch(/^SAFE: 1 interleaving: nothing conflicts$/m);
  });

  test.each([
    ['what several of them write outside', (at: string) => `echo {session} > ${at}/elsewhere; cat n > /dev/null`],
    [
      'a lock that is outside',
      (at: string) =>
        `until mkdir ${at}/elsewhere; do sleep 0.01; done 2> /dev/null; ${INCREMENT}; rmdir ${at}/elsewhere`,
    ],
  ])('and nothing is said of %s', async (_, command) => {
    const { code, stdout } = await explored(command(dir));
    expect(stdout).toMatch(/^INCONCLUSIVE/m);
    expect(stdout).toContain(`the commands share ${dir}/elsewhere, which is outside the directory`);
    expect(code).toBe(3);
  });

  test.each([
    ['storm', '2'],
    ['storm', '60'],
    ['both', '2'],
  ])('and nothing is said of a counter that is outside, by %s either', async (engine, rounds) => {
    const counter = `${dir}/counter`;
    writeFileSync(counter, '0');
    const line = `n=$(cat ${counter}); echo $((n + 1)) > ${counter}`;
    const { code, stdout, stderr } = await collide('--engine', engine, '--rounds', rounds, '--budget', '2m', line);
    expect(stdout).toMatch(/^INCONCLUSIVE/m);
    expect(stderr).toMatch(/^\[1\/1\] exec\/commands: INCONCLUSIVE/m);
    expect(stderr.match(/^\[1\/1\]/gm)).toHaveLength(1);
    expect(stdout).toContain(`the commands share ${counter}, which is outside the directory`);
    expect(stdout).toContain(`Warning: the commands changed files outside the copy, for real: ${counter}`);
    expect(stdout).not.toContain('p < ');
    expect(code).toBe(3);
  });

  /** Each adds a line to `log`, in a way that loses none. */
  const LINES: Readonly<Record<string, string>> = {
    'a here-document': 'cat >> log <<END\n{session} $(echo "a b")\nEND',
    'a function': 'add() {\n  echo "$1" >> log\n}\nadd {session}',
    'comments, first and last': '# first\necho {session} >> log # last',
    'empty lines around it': '\n\necho {session} >> log\n\n',
    'a line that goes on': 'echo \\\n  {session} >> log',
    'a backslash at its end': 'echo {session} >> log; : \\',
    'a newline in quotes': "printf '%s\\n' 'a\nb{session}' >> log",
    'all that is special': `printf '%s\\n' "it's"' "$HOME" \`id\` \\n *'{session} >> log`,
    'another alphabet': "printf '%s\\n' 'Größe 目录 {session}' >> log",
    'a loop over lines': 'printf \'%s\\n\' {session} | while IFS= read -r line\ndo\n  echo "$line" >> log\ndone',
  };

  test('of several lines, or hard to quote', async () => {
    const targets = Object.values(LINES).map((commands, at) => ({ id: `line-${at}`, dir: 'given', commands }));
    writeFileSync(join(dir, 'lines.json'), JSON.stringify({ targets, writers: 2, rounds: 2, budget: '120s' }));
    await run('run', '--config', '../lines.json', '--out', '../out');
    const { verdicts, rounds } = JSON.parse(readFileSync(join(dir, 'out/results.json'), 'utf8')) as Results;
    for (const [at, name] of Object.keys(LINES).entries()) {
      expect(verdicts[at], name).toMatchObject({ classes: [], strength: { explored: { kind: 'exhaustive' } } });
      expect(verdicts[at]!.counts.acknowledged, name).toBeGreaterThan(0);
    }
    expect(rounds).toBe(2 * targets.length);
  });

  test('as words, with as many sessions as are asked for', async () => {
    const { code, stdout } = await explored('--writers', '3', ...FEW, '--', 'sh', '-c', 'echo "$1" >> log', '-', 'a b');
    expect(stdout).toContain("  s0–s2  sh -c 'echo \"$1\" >> log' - 'a b'\n");
    expect(stdout).toMatch(/^SAFE: all \d+ interleavings of 2 sessions; PCT d=3, \d+ schedules of 3 sessions/m);
    expect(code).toBe(0);
  });

  test('in no more numbers than have orders that can be run, where order matters', async () => {
    const { code, stdout } = await explored('--writers', '6', ...FEW, 'echo $COLLIDE_SESSION >> log');
    expect(stdout).toMatch(/^SAFE: all \d+ interleavings of 2 sessions; PCT d=3, \d+ schedules of 4 sessions/m);
    expect(stdout).toContain('What they leave tells them apart, and 6 have too many orders: 4 were run at once.');
    expect(code).toBe(0);
  });

  test('and of more commands than that, none is accused of an order that was not run', async () => {
    const commands = Array.from({ length: 6 }, (_, at) => `echo ${at} >> log`);
    const { code, stdout } = await explored(...FEW, ...commands);
    expect(stdout).toMatch(/^INCONCLUSIVE: /m);
    expect(stdout).toContain(
      '6 sessions have more orders than can be run, and none that was run explains what was seen',
    );
    expect(code).toBe(3);
  });

  test.skipIf(gitMissing)('a repository by what its refs mean', async () => {
    const git = 'git -c user.name=a -c user.email=a@example.invalid';
    const commit = `mkdir -p r && cd r && git init -q . 2> /dev/null; ${git} commit -q --allow-empty -m {session}`;
    // The ids of commits differ from one second to the next; what is committed does not.
    expect((await collide('--engine', 'storm', '--rounds', '1', '--writers', '2', commit)).stderr).not.toContain(
      'collide:',
    );
  });
});

test('nothing of what is given is touched, and nothing is left', async () => {
  writeFileSync(join(work, 'n'), '0\n');
  await collide(
    '--engine',
    'storm',
    '--rounds',
    '3',
    '--budget',
    '5s',
    `${INCREMENT}; echo > "$HOME/made"; mktemp > /dev/null`,
  );
  expect(readFileSync(join(work, 'n'), 'utf8')).toBe('0\n');
  expect([readdirSync(work), readdirSync(dir)]).toEqual([['n'], ['given']]);
});

test('--json prints the verdict with its witness', async () => {
  writeFileSync(join(work, 'n'), '0\n');
  const { stdout } = await collide('--json', '--rounds', '2', '--budget', '10s', INCREMENT);
  const printed = JSON.parse(stdout);
  expect(objections('exec', printed)).toEqual([]);
  const { commands, verdicts } = printed;
  expect(commands).toEqual([INCREMENT, INCREMENT]);
  expect(verdicts).toMatchObject([{ status: 'COLLIDES', classes: ['LAST_WRITER_WINS'] }]);
});

describe('a mistake is one line that says what to do', () => {
  test.each([
    [
      'a command that is not there',
      ['no-such-command'],
      '`no-such-command` fails even when it runs alone (exit code 127, sh: 1: eval: no-such-command: not found): fix it',
    ],
    [
      'a command that fails',
      ['echo because >&2; exit 3'],
      '`echo because >&2; exit 3` fails even when it runs alone (exit code 3, because): fix it before testing it for races',
    ],
    ['a command that asks', ['read x < /dev/tty'], 'fails even when it runs alone (exit code '],
    ['no directory', ['--dir', 'nowhere', 'true'], '--dir nowhere: there is no such directory'],
    ['a file', ['--home', '/dev/null', 'true'], '--home /dev/null: that is not a directory'],
    [
      'too many sessions',
      ['--writers', '3', 'true', 'false'],
      '--writers 3: 2 commands are given, and each is a session; give one, or leave the flag out',
    ],
    ['no command', [], "missing required argument 'command'"],
    ['a witness of something else', ['--replay', 'daily-log/echo:2:0', 'true'], "no target is called 'daily-log'"],
  ] as const)('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await asked(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(readdirSync(dir)).toEqual(['given']);
  });

  test.each([
    [
      'a link that leads out',
      () => symlinkSync('/etc/hostname', join(work, 'out')),
      /--dir \.: out is a link to \/etc\/hostname, outside/,
    ],
    [
      'a worktree',
      () => writeFileSync(join(work, '.git'), 'gitdir: /elsewhere'),
      /--dir \.: \.git is a file, as in a worktree/,
    ],
  ])('%s', async (_, prepare, message) => {
    prepare();
    const { code, stderr } = await asked('true');
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test('a directory that is too large to be copied for every execution', async () => {
    mkdirSync(join(work, 'many'));
    for (let file = 0; file <= 1_000; file++) writeFileSync(join(work, 'many', String(file)), '');
    const { code, stderr } = await asked('true');
    expect(stderr).toContain('--dir .: holds more than 1000 files or 4 MiB');
    expect(code).toBe(2);
  });
});

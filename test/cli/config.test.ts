/** Targets of the user's own, as `run`, `list`, `ledger` and `replay` have them. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ended, inOneProcess, start } from '../support/collide.ts';
import { onLinux } from '../support/explore-stage.ts';
import { hostileNames } from '../support/hostile-names.ts';

let dir: string;
let work: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  work = join(dir, 'project');
  mkdirSync(work);
});
afterEach(() => rmSync(dir, { recursive: true }));

const collide = (...args: readonly string[]): Promise<Ended> => start(args, { cwd: work, temporary: dir }).ended;

/** For what is answered at once, and starts nothing. */
const many = inOneProcess();
afterAll(() => many.close());

const asked = (...args: readonly string[]): Promise<Ended> => many.ask({ args, cwd: work, temporary: dir });

const write = (name: string, content: string | object): void =>
  writeFileSync(join(work, name), typeof content === 'string' ? content : JSON.stringify(content));

describe.skipIf(!onLinux)('what `collide init` writes', () => {
  test('runs, and is as it says', async () => {
    expect((await collide('init')).code).toBe(0);
    const { code, stdout } = await collide('run', '--engine', 'explore', '--writers', '2', '--budget', '2m');
    expect(stdout).toContain('build-number/commands: LAST_WRITER_WINS');
    expect(stdout).toContain('settings/session: LAST_WRITER_WINS');
    expect(stdout).toContain('settings/session: TORN_STATE');
    expect(stdout).toContain('All 2 rows are as their truth says');
    expect(code).toBe(0);
    const [, witness] = /collide replay (build-number\S+)/.exec(stdout)!;
    const again = await collide('replay', witness!, '--times', '5');
    expect(again.stdout).toContain('5 replays, all with the same steps.');
    expect((await collide('ledger')).stdout).toContain('2 targets');
    expect(readFileSync(join(work, 'reports/COLLISION-LEDGER.md'), 'utf8')).toContain('the number of the last build');
    expect(readdirSync(dir)).toEqual(['project']);
  });

  test('is a module where package.json says that others are none', async () => {
    write('package.json', { type: 'commonjs' });
    expect((await collide('init')).stdout).toMatch(/^collide\.config\.mts has two targets/);
    expect((await collide('list', 'settings')).stdout).toContain('your own, in collide.config.mts');
  });

  test('is not written twice', async () => {
    await collide('init');
    write('collide.config.ts', 'mine');
    const { code, stderr } = await collide('init');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `collide: ${join(work, 'collide.config.ts')} is there already; remove it first, or edit it\n`,
    });
    expect(readFileSync(join(work, 'collide.config.ts'), 'utf8')).toBe('mine');
  });
});

const own = { id: 'my-claim', resource: 'a claim of mine', commands: 'mkdir claimed', expect: [{ oneSuccess: true }] };

describe.skipIf(!onLinux)('a configuration', () => {
  test('in JSON has the flags, too; those of the command line count more', async () => {
    write('collide.config.json', {
      targets: [own],
      engine: 'explore',
      writers: 2,
      out: 'found',
      seed: 5,
      budget: '20s',
    });
    const { code, stdout } = await collide('run', '--seed', '6', '--json');
    const { options, verdicts } = JSON.parse(stdout);
    expect(options).toMatchObject({ targets: ['my-claim'], engine: 'explore', seed: 6, budgetMs: 20_000 });
    expect(verdicts).toMatchObject([{ target: 'my-claim', strategy: 'commands', status: 'SAFE' }]);
    expect(code).toBe(0);
    expect(existsSync(join(work, 'found/results.json'))).toBe(true);
  });

  test('of what is not right makes the run fail', async () => {
    write('n', '0');
    write('other.json', { targets: [{ id: 'bad', dir: '.', commands: 'n=$(cat n); echo $((n + 1)) > n' }] });
    const { code, stdout } = await collide('run', '--config', 'other.json', '--engine', 'explore', '--budget', '2m');
    expect(stdout).toContain('bad/commands: LAST_WRITER_WINS');
    expect(code).toBe(1);
    expect(readFileSync(join(work, 'n'), 'utf8')).toBe('0');
  });

  test('may have whole scenarios', async () => {
    write(
      'collide.config.mjs',
      `export default { targets: [{
        id: 'whole', priority: 'P2', resource: 'a file', place: 'project', touchedBy: 'every session', writers: 'me',
        setup: () => {}, oracles: [],
        strategies: { nothing: { does: 'nothing', truth: 'SAFE', why: 'nothing is done', perform: (session) => session.path('x') } },
      }] };`,
    );
    const { stdout } = await collide('list', 'whole');
    expect(stdout).toContain('whole (P2: said to be harmless; your own, in collide.config.mjs)');
  });
});

describe('a configuration is listed', () => {
  test('after what is built in', async () => {
    write('collide.config.json', { targets: [own] });
    const { stdout } = await asked('list');
    expect(stdout).toMatch(/my-claim +│ P1 │ commands +│ SAFE[\s\S]*41 targets/);
    expect((await asked('list', 'my-claim')).stdout).toContain('a claim of mine');
    expect((await asked('list', '--fix', 'my-claim')).stdout).toContain(
      'it is your own writer, and stands in collide.config.json',
    );
  });

  test.each<readonly [string, string, string | object, readonly string[], string | RegExp]>([
    [
      'is missing',
      'x',
      '',
      ['list', '--config', 'none.ts'],
      /none\.ts: there is no such file; `collide init` writes one/,
    ],
    ['is not JSON', 'collide.config.json', '{', ['list'], /collide\.config\.json is not JSON: /],
    ['is not code', 'collide.config.mjs', 'export default {', ['run'], /collide\.config\.mjs can't be loaded: /],
    ['exports nothing', 'collide.config.mjs', '', ['run'], /expected `export default defineConfig/],
    [
      'has a key that is none',
      'collide.config.json',
      { targets: [], writer: 1 },
      ['run'],
      "has no key called 'writer'",
    ],
    [
      'takes a name',
      'collide.config.json',
      { targets: [{ ...own, id: 'daily-log' }] },
      ['run'],
      "a built-in target called 'daily-log'",
    ],
    [
      'copies nothing',
      'collide.config.json',
      { targets: [{ ...own, dir: 'gone' }] },
      ['run'],
      'my-claim: dir gone: there is no such directory',
    ],
    [
      'loads nothing',
      'collide.config.json',
      { targets: [{ id: 'm', session: { module: './gone.ts' } }] },
      ['run'],
      "module ./gone.ts can't be loaded",
    ],
    [
      'counts nothing',
      'collide.config.json',
      { targets: [{ ...own, files: { n: '' }, expect: [{ counter: 'n' }] }] },
      ['run'],
      'my-claim: expect: n has no number',
    ],
  ])('unless it %s', async (_, name, content, args, message) => {
    write(name, content);
    const { code, stdout, stderr } = await asked(...args);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

test.skipIf(!onLinux)('sandboxes in a directory that is hard to quote are as good as any', async () => {
  const place = join(dir, Object.values(hostileNames).join(''));
  mkdirSync(place);
  write('collide.config.json', {
    targets: [
      { id: 'apart', commands: 'echo {session} > "own-$COLLIDE_SESSION"; echo $TMPDIR > /dev/null' },
      { id: 'counted', files: { n: '0' }, commands: 'n=$(cat n)\necho $((n + 1)) > n', truth: ['LAST_WRITER_WINS'] },
    ],
  });
  const args = ['--dir', place, '--writers', '2', '--rounds', '2', '--budget', '2m'];
  const { code, stdout, stderr } = await start(['run', ...args], { cwd: work, temporary: place }).ended;
  expect(stdout, stderr).toContain('All 2 rows are as their truth says');
  expect(code).toBe(0);
  expect(readdirSync(place)).toEqual([]);
});

/** Sessions that fail because of each other: told of beside the verdict, and a finding where all should succeed. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Results } from '../../harness/report/results.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { type Ended, start } from '../support/collide.ts';
import { objections } from '../support/schemas.ts';

const gitMissing = (await missingNeed(['git'])) !== undefined;

const GIVES_UP = 'mkdir lock || { echo busy >&2; exit 3; }; echo {session} > own-{session}; rmdir lock';

/** A function of a module: a database that is locked, and nobody who waits for it. */
const SQLITE = `import { DatabaseSync } from 'node:sqlite';
export const add = (session) => {
  const database = new DatabaseSync(session.path('db'));
  try {
    database.exec('BEGIN IMMEDIATE; UPDATE counter SET n = n + 1; COMMIT');
  } finally {
    database.close();
  }
};
export const setup = (dir) => {
  const database = new DatabaseSync(dir + '/db');
  database.exec('CREATE TABLE counter (n); INSERT INTO counter VALUES (0)');
  database.close();
};
`;

describe.runIf(process.platform === 'linux')(
  'sessions that fail because of each other',
  () => {
    let dir: string;
    let ended: Ended;
    const verdicts = new Map<string, Verdict>();
    const collide = (...args: readonly string[]): Promise<Ended> =>
      start(args, { cwd: join(dir, 'given'), temporary: dir }).ended;

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
      mkdirSync(join(dir, 'given'));
      writeFileSync(join(dir, 'given/token'), '');
      writeFileSync(join(dir, 'sqlite.mjs'), SQLITE);
      if (!gitMissing) execFileSync('git', ['init', '-q', join(dir, 'repository')]);
      const commands = { dir: 'given' };
      const targets = [
        { id: 'gives-up', ...commands, commands: GIVES_UP },
        { id: 'should-not', ...commands, commands: GIVES_UP, expect: ['all-succeed'] },
        { id: 'token', ...commands, commands: 'mv token mine-{session}' },
        { id: 'token-for-all', ...commands, commands: 'mv token mine-{session}', expect: ['all-succeed'] },
        { id: 'same-directory', ...commands, commands: ['mkdir d', 'mkdir ./d'] },
        { id: 'nobody-fails', ...commands, commands: 'echo {session} >> log', expect: ['all-succeed'] },
        { id: 'update', ...commands, commands: 'n=$(cat n); echo $((n + 1)) > n', expect: ['all-succeed'] },
        {
          id: 'sqlite',
          session: { module: 'sqlite.mjs', export: 'add' },
          setup: { module: 'sqlite.mjs', export: 'setup' },
        },
        ...(gitMissing ? [] : [{ id: 'git-config', dir: 'repository', commands: 'git config --add a.b {session}' }]),
      ];
      writeFileSync(join(dir, 'many.json'), JSON.stringify({ targets, writers: 2, engine: 'explore', steps: 20_000 }));
      writeFileSync(join(dir, 'given/n'), '0\n');
      ended = await collide(
        'run',
        '--config',
        '../many.json',
        '--out',
        '../out',
        '--reporter',
        'table,github,junit,html',
      );
      const results = JSON.parse(readFileSync(join(dir, 'out/results.json'), 'utf8')) as Results;
      for (const verdict of results.verdicts) verdicts.set(verdict.target, verdict);
      expect(await objections('results', results)).toEqual([]);
    });
    afterAll(() => rmSync(dir, { recursive: true }));

    test('are told of beside the verdict, with exit code, what was printed, and a short witness', () => {
      const { status, contention } = verdicts.get('gives-up')!;
      expect(status).toBe('SAFE');
      expect(contention).toMatchObject({ executions: 2, of: 4, rounds: 0, exitCode: 3 });
      expect(contention!.message).toMatch(
        /^s\d ended with exit code 3, though one after another no session fails: mkdir: /,
      );
      expect(contention!.stderr).toMatch(/^mkdir: .*\nbusy$/);
      expect(contention!.replay).toBe('gives-up/commands:2:0@rmdir:work/lock,1');
      expect(ended.stderr).toMatch(/gives-up\/commands: SAFE, fails under contention in 2 of 4 interleavings, all 4 /);
    });

    test('in every report', () => {
      const said = 'fails under contention in 2 of 4 interleavings';
      expect(ended.stdout.replaceAll(/\s*│\s*/g, ' ')).toContain('SAFE, fails under contention');
      expect(ended.stdout).toContain(`title=gives-up/commands%3A ${said}::s`);
      const junit = readFileSync(join(dir, 'out/junit.xml'), 'utf8');
      expect(junit).toContain(said);
      expect(junit).toContain('See it: collide replay gives-up/commands:2:0@rmdir:work/lock,1');
      expect(readFileSync(join(dir, 'out/report.html'), 'utf8')).toContain(said);
    });

    test('are a finding where all should succeed', () => {
      const { classes, contention, findings } = verdicts.get('should-not')!;
      expect(classes).toEqual(['FAILS_UNDER_CONTENTION']);
      expect(contention).toBeUndefined();
      expect(findings[0]!.replay).toBe('should-not/commands:2:0@rmdir:work/lock,1');
      expect(verdicts.get('nobody-fails')).toMatchObject({ status: 'SAFE' });
    });

    test('which does not make what is lost right', () => {
      expect(verdicts.get('update')).toMatchObject({ classes: ['LAST_WRITER_WINS'] });
    });

    test.each(['token', 'same-directory'])('and not where somebody fails in every order: %s', (target) => {
      expect(verdicts.get(target)!.status).toBe('SAFE');
      expect(verdicts.get(target)!.counts.refused).toBeGreaterThan(0);
      expect(verdicts.get(target)!.contention).toBeUndefined();
    });

    test('that all succeed where one fails in every order is expected in vain', () => {
      const { status, reason } = verdicts.get('token-for-all')!;
      expect(status).toBe('BROKEN_ALONE');
      expect(reason).toMatch(
        /^what is expected does not hold one after another \(s0, then s1\): s1 ended with exit code 1/,
      );
    });

    test('functions, too', () => {
      const { contention } = verdicts.get('sqlite')!;
      expect(contention!.message).toMatch(
        /^s\d threw Error, though one after another no session fails: database is locked$/,
      );
      expect(contention!.stderr).toBe('database is locked');
      expect(contention!.exitCode).toBeUndefined();
    });

    test.skipIf(gitMissing)('git config', () => {
      const { status, contention } = verdicts.get('git-config')!;
      expect(status).toBe('SAFE');
      expect(contention).toMatchObject({ exitCode: 255 });
      expect(contention!.message).toMatch(/: error: could not lock config file .git\/config: File exists$/);
    });

    test('are shown again from the witness', async () => {
      const { code, stdout } = await collide(
        'replay',
        '--config',
        '../many.json',
        verdicts.get('gives-up')!.contention!.replay!,
      );
      expect(stdout).toContain('→ refused with exit code 3: mkdir: ');
      expect(stdout).toContain('FAILS_UNDER_CONTENTION, a session fails because of the others');
      expect(stdout).toContain('Nothing else is wrong');
      expect(code).toBe(0);
    });

    test('are counted in rounds of the storm', async () => {
      const { stdout } = await collide(
        'exec',
        '--engine',
        'storm',
        '--rounds',
        '20',
        '--json',
        'mkdir l || exit 3; sleep 0.3; rmdir l',
      );
      const { verdicts } = JSON.parse(stdout) as Results;
      expect(verdicts[0]!.contention).toMatchObject({ executions: 0, of: 0, rounds: 20, ofRounds: 20, exitCode: 3 });
      expect(verdicts[0]!.strength!.stormed!.rounds).toBe(20);
      expect(await objections('exec', JSON.parse(stdout))).toEqual([]);
    });
  },
  120_000,
);

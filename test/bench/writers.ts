/**
 * Writers that people use, as they are, through `collide exec`: two sessions each, and nothing said about what is right. Prints the
 * table of the README.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../harness/scenario/command.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';

interface Writer {
  readonly commands: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly needs?: readonly string[];
  /** Programs that prepare the directory. */
  readonly prepare?: readonly (readonly [string, ...(readonly string[])])[];
}

const json = { 's.json': '{"n":0}\n' } as const;

const repository = [
  ['git', 'init', '--quiet'],
  ['git', 'config', 'user.name', 'A session'],
  ['git', 'config', 'user.email', 'session@example.invalid'],
  ['git', 'commit', '--quiet', '--allow-empty', '--message', 'The beginning'],
] as const;

const python = (lines: readonly string[]): Readonly<Record<string, string>> => ({
  ...json,
  'w.py': `${lines.join('\n')}\n`,
});

const node = (lines: readonly string[]): Writer => ({
  commands: ['node w.mjs {session}'],
  files: { ...json, 'w.mjs': `${lines.join('\n')}\n` },
  prepare: [['ln', '-s', join(packageRoot(), 'node_modules'), '.']],
});

const writers: Readonly<Record<string, Writer>> = {
  'n=$(cat n); echo $((n + 1)) > n': { commands: ['n=$(cat n); echo $((n + 1)) > n'], files: { n: '0\n' } },
  'the same under a lock directory (mkdir)': {
    commands: ['until mkdir lock 2> /dev/null; do sleep 0.01; done; n=$(cat n); echo $((n + 1)) > n; rmdir lock'],
    files: { n: '0\n' },
  },
  "jq '.n += 1' s.json > tmp && mv tmp s.json": {
    commands: ["jq '.n += 1' s.json > tmp && mv tmp s.json"],
    files: json,
    needs: ['jq'],
  },
  'the same with a temporary file of its own': {
    commands: ["t=$(mktemp ./tmp.XXXXXX) && jq '.n += 1' s.json > $t && mv $t s.json"],
    files: json,
    needs: ['jq'],
  },
  'sed -i': { commands: ['sed -i "1i {session}" list'], files: { list: 'end\n' } },
  'Python: json.load, json.dump': {
    commands: ['python3 w.py'],
    needs: ['python3'],
    files: python([
      'import json',
      "d = json.load(open('s.json')); d['n'] += 1",
      "with open('s.json', 'w') as f: json.dump(d, f)",
    ]),
  },
  'the same under fcntl.flock': {
    commands: ['python3 w.py'],
    needs: ['python3'],
    files: python([
      'import fcntl, json',
      "with open('lock', 'w') as lock:",
      '  fcntl.flock(lock, fcntl.LOCK_EX)',
      "  d = json.load(open('s.json')); d['n'] += 1",
      "  with open('s.json', 'w') as f: json.dump(d, f)",
    ]),
  },
  'sqlite3: select, then update': {
    commands: ['n=$(sqlite3 db "select n from t") && sqlite3 db "update t set n = $n + 1"'],
    needs: ['sqlite3'],
    prepare: [['sqlite3', 'db', 'create table t(n); insert into t values(0)']],
  },
  'sqlite3: begin immediate, update n = n + 1': {
    commands: ['sqlite3 -cmd ".timeout 100" db "begin immediate; update t set n = n + 1; commit"'],
    needs: ['sqlite3'],
    prepare: [['sqlite3', 'db', 'create table t(n); insert into t values(0)']],
  },
  'git config --add': {
    commands: ['git config --add session.name {session}'],
    needs: ['git'],
    prepare: repository,
  },
  'git notes append': { commands: ['git notes append --message {session} HEAD'], needs: ['git'], prepare: repository },
  'git update-ref, after a look': {
    commands: [
      'git rev-parse --quiet --verify refs/task > /dev/null && exit 1; git update-ref refs/task $(echo {session} | git hash-object -w --stdin)',
    ],
    needs: ['git'],
    prepare: repository,
  },
  'git update-ref with the old value': {
    commands: [`git update-ref refs/task $(echo {session} | git hash-object -w --stdin) ${'0'.repeat(40)}`],
    needs: ['git'],
    prepare: repository,
  },
  'npm config set, two keys': {
    commands: ['npm config set fund false', 'npm config set audit true'],
    needs: ['npm'],
  },
  'Node: write-file-atomic after JSON.parse': node([
    "import { readFileSync } from 'node:fs';",
    "import writeFileAtomic from 'write-file-atomic';",
    "const { n } = JSON.parse(readFileSync('s.json', 'utf8'));",
    "await writeFileAtomic('s.json', JSON.stringify({ n: n + 1 }));",
  ]),
  'Node: lowdb, db.update': node([
    "import { JSONFilePreset } from 'lowdb/node';",
    "const db = await JSONFilePreset('s.json', { n: 0 });",
    'await db.update((data) => data.n++);',
  ]),
  'Node: conf, two keys': node([
    "import Conf from 'conf';",
    "new Conf({ projectName: 'w', cwd: '.' }).set('key' + process.argv[2], true);",
  ]),
  'Node: proper-lockfile around read, write': node([
    "import { readFileSync, writeFileSync } from 'node:fs';",
    "import { lock } from 'proper-lockfile';",
    "const release = await lock('s.json', { retries: { retries: 50, factor: 1, minTimeout: 10 } });",
    "const { n } = JSON.parse(readFileSync('s.json', 'utf8'));",
    "writeFileSync('s.json', JSON.stringify({ n: n + 1 }));",
    'await release();',
  ]),
};

const print = (cells: readonly string[]): void =>
  void process.stdout.write(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`);

print(['writer, two sessions', 'verdict', 'what it rests on']);
print(['---', '---', '---']);
for (const [name, writer] of Object.entries(writers)) {
  const missing = await missingNeed(writer.needs ?? []);
  if (missing === undefined) print([`\`${name}\``, ...verdictOn(writer)]);
  else print([`\`${name}\``, 'SKIPPED', missing]);
}

function verdictOn({ commands, files = {}, prepare = [] }: Writer): readonly [string, string] {
  const dir = mkdtempSync(join(tmpdir(), 'collide-bench-'));
  try {
    const work = join(dir, 'work');
    mkdirSync(work);
    for (const [file, content] of Object.entries(files)) writeFileSync(join(work, file), content);
    for (const [program, ...args] of prepare) execFileSync(program, args, { cwd: work, stdio: 'ignore' });
    const main = join(packageRoot(), 'harness/cli/main.ts');
    const { stdout, stderr } = spawnSync(process.execPath, [main, 'exec', '--json', ...commands], {
      cwd: work,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (stdout === '')
      return ['none', stderr.split('\n').find((line) => /^(collide|FATAL)/.test(line)) ?? stderr.trim()];
    const [{ status, classes, strength, counts }] = (JSON.parse(stdout) as { readonly verdicts: readonly [Verdict] })
      .verdicts;
    const { explored, stormed } = strength ?? {};
    const words = [
      explored === undefined
        ? ''
        : `${explored.executions} executions${explored.kind === 'exhaustive' ? ': all interleavings' : ''}`,
      stormed === undefined ? '' : `${stormed.collided} of ${stormed.rounds} rounds collided`,
      counts.refused === 0 ? '' : 'some refused',
    ];
    return [status === 'COLLIDES' ? classes.join(' + ') : status, words.filter(Boolean).join('; ')];
  } finally {
    rmSync(dir, { recursive: true });
  }
}

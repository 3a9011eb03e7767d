/** `npm run mutants`: breaks the harness in one place after the other, each in a copy of its own, and sees to it that tests notice. */

import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../harness/scenario/command.ts';
import { type Edit, edits } from './edits.ts';

const COPIED = [
  'harness',
  'scenarios',
  'fixtures',
  'test',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
] as const;

/** What does not come to an end is noticed, too. */
const DEADLINE_MS = 120_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The tree, to be broken. */
function copyOfTree(): string {
  const root = mkdtempSync(join(tmpdir(), 'collide-mutants-'));
  for (const name of COPIED) cpSync(join(packageRoot(), name), join(root, name), { recursive: true });
  symlinkSync(join(packageRoot(), 'node_modules'), join(root, 'node_modules'));
  return root;
}

/** Do these tests fail? */
async function fails(root: string, files: readonly string[], only?: string): Promise<boolean> {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--bail',
    '1',
    ...(only === undefined ? [] : ['-t', only]),
    ...files,
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore', detached: true });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.on('error', () => resolve(true));
  child.on('exit', (code) => resolve(code !== 0));
  const timer = setTimeout(() => {
    process.kill(-child.pid!, 'SIGKILL');
    resolve(true);
  }, DEADLINE_MS);
  return await promise.finally(() => clearTimeout(timer));
}

async function survives(root: string, { file, from, to, noticed, only }: Edit): Promise<boolean> {
  const path = join(root, 'harness', file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.split(from).join(to));
  try {
    return !(await fails(root, noticed, only));
  } finally {
    writeFileSync(path, text);
  }
}

const wanted = process.argv.slice(2);
const chosen = edits.filter(
  (edit) => wanted.length === 0 || wanted.some((word) => `${edit.file} ${edit.breaks}`.includes(word)),
);
const misplaced = edits.flatMap(({ file, from, breaks }) => {
  const times = readFileSync(join(packageRoot(), 'harness', file), 'utf8').split(from).length - 1;
  return times === 1 ? [] : [`${file}, ${breaks}: what it replaces stands there ${times} times`];
});
if (misplaced.length > 0) throw new Error(`mutants that fit no longer:\n${misplaced.join('\n')}`);
const began = performance.now();
const survivors: Edit[] = [];
const queue = [...chosen];
const roots = Array.from({ length: Math.min(availableParallelism(), chosen.length) }, copyOfTree);
try {
  if (await fails(roots[0]!, [...new Set(chosen.flatMap(({ noticed }) => noticed))])) {
    throw new Error('the tests fail without any mutant: run them first');
  }
  const race = async (root: string): Promise<void> => {
    for (let edit = queue.shift(); edit !== undefined; edit = queue.shift()) {
      const lives = await survives(root, edit);
      if (lives) survivors.push(edit);
      say(`${lives ? 'SURVIVES' : 'noticed'}: ${edit.file}: ${edit.breaks}`);
    }
  };
  await Promise.all(roots.map(race));
} finally {
  for (const root of roots) rmSync(root, { recursive: true, maxRetries: 10 });
}
const seconds = Math.round((performance.now() - began) / 1000);
say(`${chosen.length} mutants of the harness, ${chosen.length - survivors.length} noticed, in ${seconds} s`);
process.exitCode = survivors.length > 0 ? 1 : 0;

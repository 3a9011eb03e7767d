/** The examples of CI, as far as they can be tried without it: they parse, and every command line of ours in them does, too. */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseShard } from '../../harness/cli/options.ts';
import { programFor } from '../../harness/cli/program.ts';
import { requestsOf } from '../../harness/cli/reporters.ts';
import { packageRoot } from '../../harness/scenario/command.ts';

const dir = join(packageRoot(), 'fixtures/ci');

const example = (name: string): string => readFileSync(join(dir, name), 'utf8');

/** Words of a shell that are told apart by spaces alone: no example has others, but for one variable in quotes. */
const commandLines = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/npx collide ([^\n`]+)/g)].map(([, words]) =>
    words!
      .trim()
      .split(/\s+/)
      .map((word) => word.replaceAll('"', '').replace(/^\$shard$/i, '1/8')),
  );

const lines = readdirSync(dir).flatMap((name) => commandLines(example(name)).map((words) => ({ name, words })));

test.each(lines)('$name: npx collide $words', ({ words }) => {
  const [name, ...rest] = words;
  const command = programFor(() => {}).commands.find((each) => each.name() === name)!;
  const { operands, unknown } = command.parseOptions(rest);
  expect([operands.length, unknown]).toEqual([command.registeredArguments.length, []]);
  const { reporter } = command.opts<{ readonly reporter?: Parameters<typeof requestsOf>[0]['said'] }>();
  expect(requestsOf({ said: reporter }).length).toBeGreaterThan(0);
});

test('there are command lines in every example', () => {
  expect(new Set(lines.map(({ name }) => name))).toEqual(new Set(readdirSync(dir)));
});

interface Workflow {
  readonly permissions: object;
  readonly on: object;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions: object;
        readonly steps: readonly { readonly uses?: string; readonly with?: Record<string, unknown> }[];
      }
    >
  >;
}

test('the workflow runs on pull requests, may do no more than it must, and pins what it uses', () => {
  const { on, permissions, jobs } = parse(example('github-actions.yml')) as Workflow;
  expect(Object.keys(on)).toContain('pull_request');
  expect(permissions).toEqual({ contents: 'read' });
  const [job] = Object.values(jobs);
  expect(job!.permissions).toEqual({ contents: 'read', 'security-events': 'write' });
  const used = job!.steps.flatMap(({ uses }) => uses ?? []);
  expect(used.filter((each) => !/^[\w-]+\/[\w/-]+@v\d+$/.test(each))).toEqual([]);
  const uploads = job!.steps.filter(({ uses }) => uses?.includes('upload'));
  expect(uploads.map(({ with: given }) => given!.path ?? given!.sarif_file)).toEqual([
    'reports/',
    'reports/results.sarif',
  ]);
});

test('the configuration of pre-commit has a hook that takes no file names', () => {
  const { repos } = parse(example('pre-commit-config.yaml')) as { readonly repos: readonly [{ hooks: [object] }] };
  expect(repos[0].hooks[0]).toMatchObject({ language: 'system', pass_filenames: false, stages: ['pre-push'] });
});

test('the plain hook is a script that a shell can read, and may be run', () => {
  expect(() => accessSync(join(dir, 'pre-commit'), constants.X_OK)).not.toThrow();
  const { status, stderr } = spawnSync('sh', ['-n', join(dir, 'pre-commit')], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

test('shards are as many as the matrix and the job say, and each is told which it is', () => {
  const { jobs } = parse(example('github-matrix.yml')) as {
    readonly jobs: {
      readonly search: { readonly strategy: { readonly matrix: { readonly shard: readonly string[] } } };
    };
  };
  const { shard } = jobs.search.strategy.matrix;
  expect(shard.map(parseShard)).toEqual(shard.map((_, at) => ({ index: at + 1, count: shard.length })));
  const [search, merge] = parseAllDocuments(example('kubernetes-job.yaml')).map((document) => document.toJS()) as [
    { readonly kind: string; readonly spec: { readonly completions: number; readonly completionMode: string } },
    { readonly kind: string; readonly spec: { readonly suspend: boolean } },
  ];
  expect(search.spec.completionMode).toBe('Indexed');
  expect(example('kubernetes-job.yaml')).toContain(`shard=$((JOB_COMPLETION_INDEX + 1))/${search.spec.completions}\n`);
  expect(merge).toMatchObject({ kind: 'Job', spec: { suspend: true } });
});

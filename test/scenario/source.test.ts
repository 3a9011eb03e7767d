/** What is printed of a strategy must be what is run, and enough to be copied. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../harness/scenario/command.ts';
import { type Excerpt, sourceOf } from '../../harness/scenario/source.ts';
import { catalogue } from '../../scenarios/index.ts';
import { scenario, strategy } from '../support/scenario.ts';

const root = packageRoot();

const safe = catalogue.flatMap((each) =>
  Object.entries(each.strategies)
    .filter(([, { truth }]) => truth === 'SAFE')
    .map(([name, { perform }]) => ({ scenario: each, name, perform, excerpts: sourceOf(each, name) })),
);

const functions = safe.filter(({ perform }) => typeof perform === 'function');

/** An excerpt of TypeScript without its imports, which may be fewer names than there, and without the strategy's properties. */
const declarationsOf = ({ text }: Excerpt): readonly string[] =>
  text.split('\n\n').filter((part) => !/^(import|setup|prepare|perform|open|read)\b/.test(part));

test('every line comes from the file that is named, as it stands there', () => {
  const invented = safe.flatMap(({ excerpts }) =>
    excerpts.flatMap((each) =>
      declarationsOf(each).filter((part) => !readFileSync(join(root, each.file), 'utf8').includes(part.trimEnd())),
    ),
  );
  expect(invented).toEqual([]);
});

test('a command is its script, with the scripts that this one runs', () => {
  for (const { perform, excerpts } of safe) {
    if (typeof perform === 'function') continue;
    expect(join(root, excerpts[0]!.file)).toBe(perform.script);
    expect(excerpts[0]!.text).toBe(readFileSync(perform.script, 'utf8'));
  }
  const chain = catalogue.find(({ id }) => id === 'verdict-chain')!;
  expect(sourceOf(chain, 'flock').map(({ file }) => file)).toEqual([
    'fixtures/verdict-chain/flock.sh',
    'fixtures/verdict-chain/append.sh',
  ]);
});

test('a program that belongs to a strategy is shown, and is one that its server starts', () => {
  for (const { scenario: each, name, excerpts } of safe) {
    for (const program of each.strategies[name]!.programs ?? []) {
      expect(excerpts.map(({ file }) => file)).toContain(program);
    }
  }
});

test('what a module is imported for comes before it', () => {
  const flock = sourceOf(catalogue.find(({ id }) => id === 'evidence-index')!, 'flock').map(({ file }) => file);
  expect(flock.toSorted()).toEqual([
    'scenarios/evidence-index.ts',
    'scenarios/recipes/flock.ts',
    'scenarios/recipes/jsonl.ts',
  ]);
  expect(flock.at(-1)).toBe('scenarios/evidence-index.ts');
});

test('a strategy that is not in the file of its scenario is an error that names it', () => {
  const foreign = scenario({ id: 'task-list', strategies: { 'no-such': strategy() } });
  expect(() => sourceOf(foreign, 'no-such')).toThrow("there is no strategy 'no-such' in the source");
});

describe('copied into a project of its own', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
    for (const [at, { excerpts }] of functions.entries()) write(join(dir, String(at)), excerpts);
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const moduleOf = (at: number): string => join(dir, String(at), functions[at]!.excerpts.at(-1)!.file);

  /** As printed, but that the properties of the strategy become an object. */
  function write(project: string, excerpts: readonly Excerpt[]): void {
    for (const { file, text } of excerpts) {
      mkdirSync(dirname(join(project, file)), { recursive: true });
      const own = text.search(/^(setup|prepare|perform|open|read)\b/m);
      const whole =
        own < 0
          ? text
          : `${text.slice(0, own)}export const strategy: Partial<Strategy & Pick<Scenario, 'setup'>> = {\n${text.slice(own)}};\n`;
      const type = "import type { Scenario, Strategy } from '../harness/scenario/scenario.ts';\n";
      writeFileSync(join(project, file), own < 0 ? text : `${type}${whole}`);
    }
    symlinkSync(join(root, 'harness'), join(project, 'harness'));
  }

  test('nothing is missing: it compiles', () => {
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
    const options = {
      ...compilerOptions,
      noUnusedLocals: true,
      preserveSymlinks: false,
      typeRoots: [join(root, 'node_modules/@types')],
    };
    writeFileSync(
      join(dir, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: functions.map((_, at) => moduleOf(at)) }),
    );
    const tsc = join(root, 'node_modules/.bin/tsc');
    const { stdout, status } = spawnSync(tsc, ['-p', dir], { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['', 0]);
  });

  test('it is the code that is run', () => {
    const script = join(dir, 'compare.mjs');
    const catalogueUrl = pathToFileURL(join(root, 'scenarios/index.ts')).href;
    const expected = functions.map(({ scenario: { id }, name }, at) => ({ id, name, module: moduleOf(at) }));
    writeFileSync(
      script,
      `const { catalogue } = await import(${JSON.stringify(catalogueUrl)});
      const differing = [];
      for (const { id, name, module } of ${JSON.stringify(expected)}) {
        const run = catalogue.find((each) => each.id === id).strategies[name];
        const { strategy } = await import(module);
        for (const property of ['prepare', 'perform', 'open', 'read']) {
          const words = (code) => code?.toString().replaceAll(/\\s+/g, ' ');
          if (strategy[property] && words(strategy[property]) !== words(run[property])) differing.push([id, name, property]);
        }
        if (!strategy.perform) differing.push([id, name, 'nothing']);
      }
      console.log(JSON.stringify(differing));`,
    );
    expect(JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }))).toEqual([]);
  });
});

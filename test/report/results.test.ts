import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FORMAT, readResults, unexpectedOf, writeResults } from '../../harness/report/results.ts';
import { colliding, explored, foundByChoice, results, unstormed, verdict } from '../support/verdict.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

const holding = (text: string): string => {
  const path = join(dir, 'results.json');
  writeFileSync(path, text);
  return path;
};

describe('readResults', () => {
  test('gives back what was written', () => {
    const safe = verdict({ level: 'all', strength: { explored: explored() } });
    const written = results([safe, colliding({ TORN_LINES: 2 }), foundByChoice('TORN_STATE')], { noGate: 'why' });
    expect(readResults(writeResults(dir, written))).toEqual(written);
  });

  test('says that a file is missing, and how to get one', () => {
    const path = join(dir, 'nothing.json');
    expect(() => readResults(path)).toThrow(
      `${path} can't be read (ENOENT: no such file or directory, open '${path}'): run \`collide run\` first, or name a results file`,
    );
  });

  test.each(['', '{"format":', 'target,verdict'])('says that %j is not JSON', (text) => {
    const path = holding(text);
    expect(() => readResults(path)).toThrow(`${path} is not JSON: it should be the results.json of a \`collide run\``);
  });

  test.each([
    ['{"format":"collide-results-1"}', '"collide-results-1"'],
    ['{"format":7}', '7'],
    ['{}', 'undefined'],
    ['[]', 'undefined'],
    ['"results"', 'undefined'],
  ])('says that %s has another format', (text, format) => {
    const path = holding(text);
    expect(() => readResults(path)).toThrow(
      `${path} has format ${format}, expected '${FORMAT}': run \`collide run\` again`,
    );
  });
});

test('says that there are no verdicts in it', () => {
  const path = holding(JSON.stringify({ format: FORMAT }));
  expect(() => readResults(path)).toThrow(`${path} has no verdicts`);
});

test('takes back what an older version called SAFE for less', () => {
  const serial = { ...explored(), kind: 'bounded' as const, preemptions: 0 };
  const path = writeResults(dir, results([verdict({ strength: { explored: serial } })]));
  expect(readResults(path).verdicts[0]).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
});

describe('writeResults', () => {
  test('replaces the results of the run before, and leaves nothing else', () => {
    writeResults(dir, results([]));
    const path = writeResults(dir, results([verdict()]));
    expect(path).toBe(join(dir, 'results.json'));
    expect(readResults(path).verdicts).toHaveLength(1);
    expect(readdirSync(dir)).toEqual(['results.json']);
  });

  test('leaves no half-made file where it fails', () => {
    mkdirSync(join(dir, 'results.json')); // a file can't be renamed over a directory
    expect(() => writeResults(dir, results([]))).toThrow(/EISDIR|EEXIST|ENOTEMPTY|EPERM/);
    expect(readdirSync(dir)).toEqual(['results.json']);
  });
});

test('rows that differ from their truth are unexpected, and rows that should have a verdict; skipped ones are not', () => {
  const differing = colliding({ TORN_LINES: 2 }, { asExpected: false });
  const broken = unstormed('BROKEN_ALONE', 'why');
  const inconclusive = unstormed('INCONCLUSIVE', 'why');
  const vacuous = verdict({ status: 'VACUOUS', asExpected: false });
  const fine = [verdict(), colliding({ TORN_LINES: 2 }), unstormed('SKIPPED', 'no jq')];
  expect(unexpectedOf([differing, ...fine, broken, inconclusive, vacuous])).toEqual([
    differing,
    broken,
    inconclusive,
    vacuous,
  ]);
});

test('results that are the JSON value null have another format', () => {
  const path = join(dir, 'null.json');
  writeFileSync(path, 'null');
  expect(() => readResults(path)).toThrow("expected 'collide-results-2'");
});

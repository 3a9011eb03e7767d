/** A run can be resumed from what was written down of it, wherever that breaks off. */

import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type JournalHeader, openJournal, readJournal } from '../../harness/report/journal.ts';
import type { RowEvidence } from '../../harness/verdict/gathered.ts';

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  path = join(dir, 'results.journal.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true }));

const header: JournalHeader = {
  format: 'collide-journal-1',
  startedAt: '2026-01-01T00:00:00.000Z',
  configuration: 'abc',
  flags: { writers: 2 },
};

const about = (strategy: string, more: Partial<RowEvidence> = {}): RowEvidence => ({
  target: 'log',
  strategy,
  mode: 'shared',
  writers: 2,
  readers: 0,
  concluded: false,
  ...more,
});

test('the last that is known of each row counts', () => {
  const journal = openJournal(path, header);
  journal.record(about('echo'));
  journal.record(about('append'));
  journal.record(about('echo', { concluded: true }));
  journal.close();
  journal.record(about('late')); // after its end, as when a disk was full
  expect(readJournal(path)).toEqual({ header, rows: [about('echo', { concluded: true }), about('append')] });
});

test('a line that was cut off with the run is left out', () => {
  const journal = openJournal(path, header);
  journal.record(about('echo'));
  appendFileSync(path, '{"target":"log","strategy":"app');
  journal.close();
  expect(readJournal(path).rows).toEqual([about('echo')]);
});

test('rounds after a verdict are not worth a line, what settles it is', () => {
  const journal = openJournal(path, header);
  journal.record(about('echo', { concluded: true }));
  for (let round = 0; round < 5; round++) journal.record(about('echo', { concluded: true }));
  const settled = about('echo', { concluded: true, settled: { status: 'SKIPPED', reason: 'needs jq' } });
  journal.record(settled);
  journal.close();
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(3);
  expect(readJournal(path).rows).toEqual([settled]);
});

test('the next one takes the place of the last, which may still be written to', () => {
  const first = openJournal(path, header);
  first.record(about('echo'));
  const second = openJournal(path, header, readJournal(path).rows);
  first.record(about('append'));
  second.record(about('tee'));
  expect(readJournal(path).rows).toEqual([about('echo'), about('tee')]);
  expect(readdirSync(dir)).toEqual(['results.journal.jsonl']);
  second.remove();
  expect(existsSync(path)).toBe(false);
  first.close();
});

test('what is none is refused', () => {
  expect(() => readJournal(path)).toThrow(`${path}: nothing to resume there`);
  writeFileSync(path, '{"format":"collide-journal-0"}\n');
  expect(() => readJournal(path)).toThrow('is no journal of a run: run it anew, without --resume');
});

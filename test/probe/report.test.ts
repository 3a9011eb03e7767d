import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cell, FORMAT, type Guarantee, type Probed } from '../../harness/probe/result.ts';
import { probeReport } from '../../harness/report/probe.ts';

const plain = { columns: 120, colour: false };

const guarantee = (more: Partial<Guarantee> = {}): Guarantee => ({
  id: 'mkdir',
  operation: 'mkdir',
  purpose: 'lock of shell scripts',
  held: '1 winner',
  answer: 'holds',
  processes: 4,
  rounds: 1_200,
  overlapping: 1_000,
  violations: 0,
  ...more,
});

const cell = (bytes: number, more: Partial<Cell> = {}): Cell => ({
  bytes,
  answer: 'whole',
  processes: 2,
  writes: 1,
  lines: 128,
  torn: 0,
  missingBytes: 0,
  turns: 40,
  ...more,
});

const KIB = 1024;

const probed = (more: Partial<Probed> = {}): Probed => ({
  format: FORMAT,
  dir: '/mnt/state',
  fileSystem: { type: 'ext4', mountedAt: '/mnt', source: '/dev/vdb' },
  machine: { platform: 'linux', release: '6.18', cores: 2, node: 'v24' },
  guarantees: [guarantee({ id: 'link', operation: 'link', purpose: 'create with content' }), guarantee()],
  facts: [
    {
      id: 'mtime',
      operation: 'mtime',
      purpose: '"has it changed since?"',
      answer: 'steps of 4 ms',
      evidence: 'measured',
    },
    { id: 'lock-kinds', operation: 'flock and fcntl', purpose: 'two ways', answer: 'independent', evidence: '' },
  ],
  sizes: [64, 64 * KIB, 16 * KIB * KIB],
  appends: [
    { writer: 'one write', cells: [cell(64), cell(64 * KIB), cell(16 * KIB * KIB)] },
    {
      writer: 'dash printf',
      cells: [
        cell(64),
        cell(64 * KIB, { answer: 'torn', writes: 2, torn: 12, example: '9 bytes of process 0, 9 of process 1' }),
        cell(16 * KIB * KIB, { answer: 'several writes', writes: 2_048 }),
      ],
    },
    {
      writer: 'tee',
      cells: [
        cell(64),
        cell(64 * KIB, { answer: 'not measured', reason: 'nobody came' }),
        cell(16 * KIB * KIB, { answer: 'skipped', reason: 'takes 128 MiB, and 3 MiB are free' }),
      ],
    },
    { writer: 'bash echo', skipped: 'needs bash, which is not on PATH', cells: [] },
  ],
  durationMs: 25_000,
  ...more,
});

test('the report has two tables, and says what follows from them', () => {
  expect(probeReport(probed(), plain)).toMatchInlineSnapshot(`
    "/mnt/state: ext4, mounted at /mnt (/dev/vdb). Measured in 25.0 s on 2 cores, linux 6.18.

    ┌─────────────────┬─────────────────────────┬───────────────┬──────────────────────────────────────────────────────────┐
    │ operation       │ what for                │ answer        │ evidence                                                 │
    ├─────────────────┼─────────────────────────┼───────────────┼──────────────────────────────────────────────────────────┤
    │ link            │ create with content     │ holds         │ 1 winner in each of 1,200 rounds of 4 processes; 1,000   │
    │                 │                         │               │ overlapped                                               │
    │ mkdir           │ lock of shell scripts   │ holds         │ 1 winner in each of 1,200 rounds of 4 processes; 1,000   │
    │                 │                         │               │ overlapped                                               │
    │ mtime           │ "has it changed since?" │ steps of 4 ms │ measured                                                 │
    │ flock and fcntl │ two ways                │ independent   │                                                          │
    └─────────────────┴─────────────────────────┴───────────────┴──────────────────────────────────────────────────────────┘

    Lines appended by several processes to one file, by their length; in brackets the calls of write(2) for one line:
    ┌─────────────┬───────────┬───────────┬──────────────┐
    │ writer      │ 64 B      │ 64 KiB    │ 16 MiB       │
    ├─────────────┼───────────┼───────────┼──────────────┤
    │ one write   │ whole (1) │ whole (1) │ whole (1)    │
    │ dash printf │ whole (1) │ torn (2)  │ 2,048 writes │
    │ tee         │ whole (1) │ –         │ SKIPPED      │
    │ bash echo   │ SKIPPED   │ SKIPPED   │ SKIPPED      │
    └─────────────┴───────────┴───────────┴──────────────┘

    All 2 guarantees held; with 95 % confidence, each that held fails in fewer than 0.3 % of rounds that overlap.
    With one write, lines of up to 16 MiB, the longest tried, are safe, because each is one write(2) and none was torn.
    With dash printf, lines of up to 64 B are safe, because each is one write(2) and none was torn; one of 64 KiB takes 2
      writes, and 12 of 128 were torn (one is 9 bytes of process 0, 9 of process 1).
    With tee, lines of up to 64 B are safe, because each is one write(2) and none was torn; longer ones were not measured.
    flock and fcntl locks do not know of each other: whoever takes one is not kept out by the other.
    SKIPPED: bash echo needs bash, which is not on PATH.
    Not measured (–), nobody came: tee with lines of 64 KiB.
    SKIPPED, takes 128 MiB, and 3 MiB are free: tee with lines of 16 MiB.
    "
  `);
});

describe('what is broken', () => {
  const broken = guarantee({ answer: 'broken', rounds: 50, violations: 3, example: 'round 7: processes 0 and 2 won' });

  test('is marked, with an example, and said first', () => {
    const text = probeReport(probed({ guarantees: [guarantee({ operation: 'link' }), broken] }), plain);
    expect(text).toContain('✗ broken');
    expect(text.replaceAll(/[│\s]+/g, ' ')).toContain(
      'not 1 winner in 3 of 50 rounds of 4 processes: round 7: processes 0 and 2 won',
    );
    expect(text).toContain('Broken here: mkdir.\n1 of 2 guarantees held;');
    expect(text).toContain('What is marked ✗ is promised by POSIX');
  });

  test('may be a line that was torn though it was one write, or bytes that are gone', () => {
    const rows = (one: Cell) => probeReport(probed({ sizes: [64], appends: [{ writer: 'w', cells: [one] }] }), plain);
    const torn = rows(cell(64, { answer: 'torn', torn: 1 }));
    expect(torn).toContain('│ ✗ torn (1) │');
    expect(torn).toContain('With w, no line is known to be safe: one of 64 B takes 1 write, and 1 of 128 were torn.');
    expect(rows(cell(64, { answer: 'torn', writes: 3, missingBytes: 5_000 }))).toContain('│ ✗ lost (3) │');
    expect(rows(cell(64, { answer: 'torn', writes: 3, torn: 1 }))).not.toContain('✗');
  });
});

test('without counts nothing is called whole', () => {
  const { writes: _, ...uncounted } = cell(64, { answer: 'not seen torn' });
  const text = probeReport(
    probed({ sizes: [64], appends: [{ writer: 'w', cells: [uncounted] }], noGate: 'seccomp: EPERM' }),
    plain,
  );
  expect(text).toContain('│ untorn (?) │');
  expect(text).not.toContain('whole (');
  expect(text).toContain('The calls of a line could not be counted (?): seccomp: EPERM.');
});

test('it is no wider than asked, and colour changes nothing but the colour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 80, max: 160 }), (columns) => {
      const text = probeReport(probed(), { columns, colour: false });
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(stripVTControlCharacters(probeReport(probed(), { columns, colour: true }))).toBe(text);
    }),
  );
});

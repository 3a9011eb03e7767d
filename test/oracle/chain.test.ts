import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unbrokenChain } from '../../harness/oracle/chain.ts';
import { execution } from '../support/execution.ts';
import { classesOf, found } from '../support/findings.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A line that continues another; the first continues nothing. */
const continuing = (before: string, body: string): string => JSON.stringify({ body, prev: sha256(before) });

const oracle = unbrokenChain('chain');
const judging = (...lines: readonly string[]) =>
  oracle(execution({ final: { chain: lines.map((line) => `${line}\n`).join('') } }));

describe('unbrokenChain', () => {
  const first = continuing('', 'first');
  const second = continuing(first, 'second');
  const third = continuing(second, 'third');

  test('finds nothing in lines that each continue the one before', () => {
    expect(judging(first, second, third)).toEqual([]);
  });

  test('finds nothing in a chain that is empty or not there', () => {
    expect(judging()).toEqual([]);
    expect(oracle(execution({ final: { other: 'x\n' } }))).toEqual([]);
  });

  test('finds two lines that continue the same one, and shows the later', () => {
    const fork = continuing(first, 'fork');
    expect(judging(first, second, fork, continuing(fork, 'more'))).toEqual([
      {
        class: 'FORKED_CHAIN',
        count: 1,
        message: `line 3 ${JSON.stringify(`${fork.slice(0, 40)}…`)} does not continue line 2`,
      },
    ]);
  });

  test('finds a first line that claims to continue another', () => {
    expect(classesOf(judging(second, third))).toEqual(found({ FORKED_CHAIN: 1 }));
  });

  test('finds that a line was changed later, by the line behind it', () => {
    const [finding] = judging(first, second.replace('second', 'seconds'), third);
    expect(finding).toMatchObject({ count: 1, message: expect.stringMatching(/^line 3 .* does not continue line 2$/) });
  });

  test.each(['{"body":"cut', 'null', '7', '{}', ''])('finds the line %j, which continues nothing', (line) => {
    expect(judging(first, line, continuing(line, 'behind'))).toEqual([
      { class: 'FORKED_CHAIN', count: 1, message: `line 2 ${JSON.stringify(line)} does not continue line 1` },
    ]);
  });

  test('shows the first broken line and counts the rest', () => {
    expect(judging('{', '}', '')).toEqual([
      { class: 'FORKED_CHAIN', count: 3, message: 'line 1 "{" does not continue line 0 and 2 more' },
    ]);
  });

  test('leaves a last line without its end to others', () => {
    const chain = `${first}\n${second}\n{"body":"cut`;
    expect(oracle(execution({ final: { chain } }))).toEqual([]);
  });

  test('counts exactly the lines that do not continue the line before them', () => {
    const anyForks = fc.array(fc.nat(), { maxLength: 15 });
    fc.assert(
      fc.property(anyForks, (choices) => {
        const lines: string[] = [];
        let forks = 0;
        for (const [at, choice] of choices.entries()) {
          const back = choice % 3 === 0 ? choice % (at + 1) : 0; // how far behind the last line it continues
          lines.push(continuing(lines[at - 1 - back] ?? '', `body ${at}`));
          if (back > 0) forks++;
        }
        expect(classesOf(judging(...lines))).toEqual(found({ FORKED_CHAIN: forks }));
      }),
    );
  });

  test('finds one break wherever one line is dropped, doubled or changed, but for the last line', () => {
    const anyPlace = fc
      .integer({ min: 2, max: 12 })
      .chain((length) => fc.tuple(fc.constant(length), fc.nat(length - 2)));
    fc.assert(
      fc.property(anyPlace, ([length, at]) => {
        const lines: string[] = [];
        for (let n = 0; n < length; n++) lines.push(continuing(lines[n - 1] ?? '', `body ${n}`));
        const once = found({ FORKED_CHAIN: 1 });
        expect(classesOf(judging(...lines.toSpliced(at, 1)))).toEqual(once);
        expect(classesOf(judging(...lines.toSpliced(at, 0, lines[at]!)))).toEqual(once);
        expect(classesOf(judging(...lines.with(at, lines[at]!.replace('body', 'Body'))))).toEqual(once);
      }),
    );
  });
});

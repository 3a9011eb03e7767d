/** The audit ledger for people. */

import { marked, type Token, type Tokens } from 'marked';
import { describe, expect, test } from 'vitest';
import { type Ledger, ledgerJsonl, ledgerOf } from '../../harness/report/ledger-file.ts';
import { ledgerMarkdown } from '../../harness/report/ledger-markdown.ts';
import { anchorOf } from '../../harness/report/markdown.ts';
import { faults, inTwoDirectories, ledgerAfter, runOn, verdicts } from '../support/ledger.ts';
import { shownBy, tokensIn } from '../support/markdown.ts';
import { scenario } from '../support/scenario.ts';
import { colliding, results, verdict } from '../support/verdict.ts';

const promoted = verdicts.map((each) =>
  each.target === 'log' && each.strategy === 'rewrite' ? colliding({ TORN_LINES: 2 }, { target: 'log' }) : each,
);
const whole = ledgerAfter([runOn(1), runOn(2, promoted)], { faults, others: [inTwoDirectories] });

test('has tables of short cells, what changed, what is deferred, the tiers, and a section for each target', async () => {
  // To be looked at where it is rendered. After a change on purpose: vitest run test/report/ledger-markdown.test.ts -u
  await expect(ledgerMarkdown(whole, { faults, readme: '../../README.md' })).toMatchFileSnapshot('example-ledger.md');
});

/** Every token of a document, in order. */
const tokensOf = (tokens: readonly Token[]): readonly Token[] =>
  tokens.flatMap((token) => [token, ...tokensOf(tokensIn(token))]);

const isToken =
  <T extends Token>(type: T['type']) =>
  (token: Token): token is T =>
    token.type === type;

/** The cells of a row of a Markdown table: between bars that no backslash escapes. */
const cellsIn = (line: string): number => line.replaceAll(/\\./g, '').split('|').length - 2;

/** What must hold of every ledger, whatever is in it. */
function checkRendered(markdown: string): void {
  const tokens = tokensOf(marked.lexer(markdown));
  const anchors = tokens.filter(isToken<Tokens.Heading>('heading')).map((each) => anchorOf(shownBy(each.tokens)));
  expect(new Set(anchors).size).toBe(anchors.length);
  const links = tokens.filter(isToken<Tokens.Link>('link')).map(({ href }) => href);
  expect(links.filter((href) => href.startsWith('#') && !anchors.includes(href.slice(1)))).toEqual([]);
  expect(links.filter((href) => /^([a-z]+:|\/)/.test(href))).toEqual([]);
  expect(tokens.filter(({ type }) => type === 'html')).toEqual([]);
  const tables = tokens.filter(isToken<Tokens.Table>('table'));
  for (const { header, raw } of tables)
    expect(new Set(raw.trimEnd().split('\n').map(cellsIn))).toEqual(new Set([header.length]));
  // Whatever looks like a row is one.
  expect(markdown.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(
    tables.reduce((sum, { rows }) => sum + rows.length + 2, 0),
  );
  const cells = tables.flatMap(({ header, rows }) => [header, ...rows].flat().map((cell) => shownBy(cell.tokens)));
  expect(cells.filter((cell) => cell.length > 120)).toEqual([]);
}

describe('on a code host', () => {
  test('every row has its columns, every link leads somewhere, and no cell is long', () => {
    checkRendered(ledgerMarkdown(whole, { faults, readme: '../README.md' }));
  });

  test('whatever messages, texts and names hold', () => {
    const nasty = 'a | b\r\n| c \\| <script> \\ `d` ` ~~e~~ **f** [g](h)';
    const found = colliding({ TORN_STATE: 1 }, { target: 'targets' });
    const written = {
      ...found,
      findings: [{ ...found.findings[0]!, message: nasty, replay: 'targets/rewrite:2:0@`|,1' }],
    };
    // Their names are headings of the ledger's own.
    const named = ['targets', 'safety-tiers', 'under-faults', 'collision-ledger'].map((id) =>
      scenario({ id, resource: nasty, writers: nasty, source: nasty, deferred: { [nasty]: nasty } }),
    );
    const run = results([written, ...named.slice(1).map(({ id }) => verdict({ target: id, strategy: 'rewrite' }))]);
    const markdown = ledgerMarkdown(ledgerOf({ catalogue: named, results: run }));
    checkRendered(markdown);
    // The name of a source is a text, a resource is prose: there `d` is code.
    expect(shownBy(marked.lexer(markdown))).toContain('resource: a | b | c \\| <script> \\ d ` ~~e~~ **f** [g](h)');
  });
});

describe('the head', () => {
  const headOf = (run: ReturnType<typeof results>): string =>
    ledgerMarkdown(ledgerOf({ catalogue: [], results: run })).split('\n\n')[1]!;

  test.each([
    ['explore', 1204, 0, '1,204 executions explored'],
    ['both', 1204, 800, '1,204 executions explored and 800 rounds stormed'],
    ['storm', 0, 800, '800 rounds stormed'],
    ['both', 0, 0, 'nothing was run'],
  ] as const)('says what was run, with --engine %s: %i executions, %i rounds', (engine, executions, rounds, words) => {
    const run = results([], { options: { ...results([]).options, engine }, executions, rounds });
    expect(headOf({ ...run, startedAt: '2026-11-21T16:03:09.123Z' })).toBe(
      `Measured by \`collide run --engine ${engine} --writers 4 --targets all\`, 2026-11-21 16:03 UTC: ${words}, seed 1, ` +
        'on linux 6.18, 2 cores, Node v24.0.0.',
    );
  });

  test('says why nothing was explored where something should have been', () => {
    const noGate = 'nothing can be explored here:\nEPERM';
    expect(headOf(results([], { noGate }))).toMatch(/\. Storm only: nothing can be explored here: EPERM\.$/);
  });

  test('says which topology was run, and whether the run came to its end', () => {
    const options = { ...results([]).options, topology: 'same-directory' } as const;
    expect(headOf(results([], { options }))).toContain('--targets all --topology same-directory`, ');
    expect(headOf(results([], { broken: 'the disk is full' }))).toContain('**The run did not come to its end');
    expect(headOf(results([]))).not.toContain('**');
  });
});

test('has no section without content', () => {
  const headingsOf = (ledger: Ledger) => ledgerMarkdown(ledger).match(/^##+ .*/gm);
  const safe = results([verdict({ strategy: 'rewrite' })]);
  expect(headingsOf(ledgerOf({ catalogue: [scenario()], results: safe }))).toEqual([
    '## P1: known to collide',
    '## Safety tiers',
    '## Targets',
    '### ledger',
  ]);
  expect(headingsOf(ledgerOf({ catalogue: [], results: safe }))).toBeNull();
});

test('is one JSON value a line for machines, the run first', () => {
  const lines = ledgerJsonl(whole).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line))).toEqual([whole.header, ...whole.entries]);
});

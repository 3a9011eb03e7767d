import * as fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { expect, test } from 'vitest';
import { code, plain, prose, tableHead, tableRow, verdictCell } from '../../harness/report/markdown.ts';
import { shownBy } from '../support/markdown.ts';

/** What a reader sees of it. */
const shown = (markdown: string): string => shownBy(marked.lexer(markdown));

/** Texts full of what Markdown takes for markup. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '|',
        '\\',
        '`',
        '``',
        '*',
        '**',
        '_',
        '~~',
        '<b>',
        '<!--',
        '&lt;',
        '&',
        '[',
        '](x)',
        '!',
        '$',
        '#',
        '-',
      ),
      fc.constantFrom('\\|', 'a', 'snake_case', ' ', '\n', '\r', '1.', 'é', '<', '> '),
    ),
    { maxLength: 12 },
  )
  .map((parts) => `x${parts.join('')}x`);

const inLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ');
/** Renderers take several spaces for one. */
const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

test('a text is shown as it is, whatever it holds', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(squeezed(shown(plain(text)))).toBe(squeezed(inLine(text)));
    }),
  );
});

test('so is code', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(shown(code(text))).toBe(inLine(text));
    }),
  );
  expect(shown(code('`'))).toBe('`');
  expect(shown(code(' a '))).toBe(' a ');
});

test('a table has as many cells in every row as it has columns, and they are what was put in', () => {
  fc.assert(
    fc.property(nasty, nasty, nasty, (one, other, third) => {
      const markdown = [...tableHead(['a', 'b', 'c']), tableRow([plain(one), code(other), plain(third)])].join('\n');
      const [table] = marked.lexer(markdown) as readonly Token[] as readonly [Tokens.Table];
      expect(table.type).toBe('table');
      expect(table.rows[0]!.map(({ tokens }) => squeezed(shownBy(tokens)))).toEqual(
        [one, other, third].map((text) => squeezed(inLine(text))),
      );
    }),
  );
});

test('what can not be code in a cell is text', () => {
  expect(code('a \\| b')).toBe('a \\\\| b');
});

test('in prose, what stands in backticks is code, and all else is text', () => {
  expect(prose('`a | b`, then *c* <d>')).toBe('`a | b`, then \\*c\\* \\<d>');
  expect(prose('one ` alone')).toBe('one \\` alone');
});

test('classes are code, other words of a verdict are not', () => {
  expect(verdictCell('LAST_WRITER_WINS + TORN_STATE')).toBe('`LAST_WRITER_WINS` + `TORN_STATE`');
  expect(verdictCell('not provoked (TORN_LINES)')).toBe('not provoked (`TORN_LINES`)');
  expect(verdictCell('SAFE')).toBe('SAFE');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_TEXT, textOf } from '../../harness/history/text.ts';

/** What the text was made of. */
const bytesOf = (text: string): Buffer =>
  Buffer.concat(
    [...text].map((point) =>
      /[\uDC80-\uDCFF]/u.test(point) ? Buffer.from([point.charCodeAt(0) - 0xdc00]) : Buffer.from(point),
    ),
  );

test('text stands for itself, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(textOf(Buffer.from(text))).toBe(text);
    }),
  );
});

test('of what is no text, nothing gets lost', () => {
  const byte = fc.oneof(fc.nat(0xff), fc.constantFrom(0xed, 0xa0, 0x9f, 0xf4, 0x80, 0xef, 0xbf, 0xbd, 0xe0, 0x41));
  fc.assert(
    fc.property(fc.array(byte), (bytes) => {
      expect([...bytesOf(textOf(Buffer.from(bytes)))]).toEqual(bytes);
    }),
    { numRuns: 2_000 },
  );
});

test('nor of what is long', () => {
  const long = Buffer.alloc(100_000, 'a');
  const texts = [0x80, 0x81].map((end) => textOf(Buffer.concat([long, Buffer.from([end])])));
  expect(texts[0]).not.toBe(texts[1]);
  expect(texts[0]).toMatch(/\n\(not UTF-8: SHA-256 [0-9a-f]{64}\)$/);
});

test('and it can be told from text', () => {
  expect(['\x80', 'a\xe9b'].map((bytes) => NO_TEXT.test(textOf(Buffer.from(bytes, 'latin1'))))).toEqual([true, true]);
  expect(NO_TEXT.test('é 💀')).toBe(false);
});

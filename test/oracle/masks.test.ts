import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawnPart } from '../../harness/oracle/drawn.ts';
import { masked, maskedIn, masksOf } from '../../harness/oracle/masks.ts';

describe('what differs by itself', () => {
  test.each([
    [
      'a time',
      'at 2026-11-21T08:00:01.123Z: a',
      'at 2026-11-21T08:00:02Z: a',
      'at 2027-01-01T00:00:00.5Z: a',
      'at %: a',
    ],
    ['a pid', 'pid 4711 done', 'pid 4712 done', 'pid 99 done', 'pid % done'],
    ['an id', '{"id":"ab12","n":1}', '{"id":"cd3f","n":1}', '{"id":"77aa","n":1}', '{"id":"%","n":1}'],
    ['seconds', '1763712001', '1763712002', '1763719999', '%'],
    ['one line of several', 'n=1\nat=17\n', 'n=1\nat=18\n', 'n=1\nat=99\n', 'n=1\nat=%\n'],
  ])('is masked wherever it stands in the same place: %s', (_, one, other, later, expected) => {
    const masks = masksOf([[one, other]]);
    expect([one, other, later].map((text) => masked(text, masks))).toEqual([expected, expected, expected]);
  });

  test('leaves what stands elsewhere as it is', () => {
    const masks = masksOf([['n=1\npid=4711\n', 'n=1\npid=4712\n']]);
    expect(masked('n=2\npid=512\n', masks)).toBe('n=2\npid=%\n');
  });

  test('is all of it where two runs have no lines in common', () => {
    expect(masked('anything', masksOf([['a', 'a\nb']]))).toBe('%');
    expect(masked('anything', masksOf([['a b', 'a-b c']]))).toBe('%');
  });

  test('is nothing where nothing differs', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        expect(masked(other, masksOf([[text, text]]))).toBe(other);
      }),
    );
  });

  test('is never seen again in what it was learnt from', () => {
    const line = fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.nat(9999), fc.nat(9999));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        const text = (which: 1 | 2): string => lines.map((each) => `${each[0]}=${each[which]}`).join('\n');
        const masks = masksOf([[text(1), text(2)]]);
        expect(masked(text(1), masks)).toBe(masked(text(2), masks));
      }),
    );
  });
});

test.each([
  ['after a sign', ['work/tmp.Ab12Cd', 'work/tmp.AbXYZ9', 'work/tmp.qq12Ce'], 'work/tmp.000000', 'work/%'],
  ['after a word that programs use', ['d/sedAb12', 'd/sedXY99'], 'd/sed1234', 'd/sed%'],
  ['between signs', ['.s.json.x7.swp', '.s.json.23.swp'], '.s.json.99.swp', '.s.json.%.swp'],
  [
    'a time',
    ['logs/2026-11-21T09_03_22_123Z-0.log', 'logs/2026-11-21T09_03_24_456Z-0.log'],
    'logs/2027-01-01T00_00_00_000Z-0.log',
    'logs/%.log',
  ],
])('the part of a name that is drawn: %s', (_, paths, other, expected) => {
  const pattern = new RegExp(drawnPart(paths), 'g');
  const [first] = paths.map((path) => path.replaceAll(pattern, '%'));
  expect(paths.map((path) => path.replaceAll(pattern, '%'))).toEqual(paths.map(() => first));
  expect(other.replaceAll(pattern, '%')).toBe(first);
  expect(first).toContain(expected.slice(0, expected.indexOf('%')));
});

test('behind a mask is what stood there, wherever others stand', () => {
  const masks = masksOf([
    ['pid 4711 of 12345: 100%\nid ab12\n', 'pid 4712 of 99999: 100%\nid cd34\n'],
    ['pid 4711 of 12345: 100%\nid ab12\n', 'pid 4711 of 12345: 100%\nid ef56\n'],
  ]);
  expect(maskedIn('pid 111 of 2222222: 100%\nid 9f9f\n', masks)).toEqual({
    text: 'pid % of %: 100%\nid %\n',
    spots: [
      { at: 4, value: '111' },
      { at: 9, value: '2222222' },
      { at: 20, value: '9f9f' },
    ],
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { damageIn } from '../../harness/damage/examine.ts';
import { type Format, formatOf } from '../../harness/damage/formats.ts';
import { scanValue } from '../../harness/damage/json-scan.ts';

type TextFormat = Exclude<Format, 'sqlite'>;

const found = (format: TextFormat, content: string | Uint8Array) => damageIn(Buffer.from(content), format);

/** `kind@byte` */
const places = (format: TextFormat, content: string | Uint8Array): readonly string[] =>
  found(format, content).map(({ kind, offset }) => `${kind}@${offset}`);

const cutUtf8 = Buffer.from('{"a":"é"}').subarray(0, 7);

describe('what is wrong is told from the bytes', () => {
  test.each<[TextFormat, string, string | Uint8Array, readonly string[]]>([
    ['json', 'nothing', '', ['empty@0']],
    ['json', 'nothing but space', ' \n', ['empty@0']],
    ['json', 'cut in an object', '{"n":1,\n"m":', ['truncated@12']],
    ['json', 'cut in a string', '{"n":"abc', ['truncated@9']],
    ['json', 'the tail of a longer version', '{"n":1}9}', ['old-tail@7']],
    ['json', 'the same, behind a newline', '{"n":1}\n9}\n', ['old-tail@8']],
    ['json', 'a tail that begins like a record', '{"n":1}{"m":2}}', ['old-tail@7']],
    ['json', 'two documents', '{"n":1}\n{"n":2}\n', ['several-documents@8']],
    ['json', 'NULs only', '\0'.repeat(20), ['nul-run@0']],
    ['json', 'NULs behind it', '{"n":1}\0\0', ['nul-run@7']],
    ['json', 'NULs inside', '{"n":\0\0\0,"m":2}', ['nul-run@5']],
    ['json', 'a version inside of another', '{"version": 1, "a{"version": 1, "b": 2}', ['spliced@17']],
    ['json', 'a character that is cut', Buffer.concat([cutUtf8, Buffer.from('"}')]), ['cut-character@6']],
    ['json', 'a conflict', '{\n<<<<<<< ours\n"n":1\n=======\n"n":2\n>>>>>>> theirs\n}\n', ['conflict@2']],
    ['json', 'a typo', '{"n":1,,"m":2}', ['unreadable@7']],
    ['jsonl', 'two records in a line', '{"n":1}{"n":2}\n', ['missing-newline@7']],
    ['jsonl', 'a record inside', '{"n":1\n{"id":"a{"id":"b"}\n"}\n', ['spliced@6', 'spliced@15', 'spliced@26']],
    ['jsonl', 'the last line is cut', '{"n":1}\n{"n"', ['truncated@12']],
    ['jsonl', 'a tail at the end', '{"n":1}\n 1}\n', ['old-tail@8']],
    ['jsonl', 'a tail in the line', '{"n":1}": 1}\n{"n":2}\n', ['old-tail@7']],
    ['jsonl', 'NULs before a record', '{"n":1}\n\0\0\0{"n":2}\n', ['nul-run@8']],
    ['jsonl', 'the very same entry', '{"id":"a"}\n{"id":"b"}\n{"id":"a"}\n', ['doubled@22']],
    ['jsonl', 'a conflict', '{"n":1}\n<<<<<<< HEAD\n{"n":2}\n=======\n{"n":3}\n>>>>>>> b\n', ['conflict@8']],
    ['yaml', 'cut', 'a: 1\nb: [1, 2', ['truncated@13']],
    ['yaml', 'NULs', 'a: 1\n\0\0', ['nul-run@5']],
    ['yaml', 'something else', 'a: 1\nb: c: d\n', ['unreadable@5']],
    ['toml', 'cut', 'a = 1\nb = "x', ['truncated@12']],
    ['toml', 'something else', 'a = 1\na = 2\n', ['unreadable@6']],
    ['text', 'NULs', 'one\n\0\0two\n', ['nul-run@4']],
    ['text', 'a cut character', Buffer.concat([Buffer.from('é '), cutUtf8]), ['cut-character@9']],
    ['text', 'the header twice', '# Log of the day, by session\na\n# Log of the day, by session\nb\n', ['doubled@31']],
  ])('%s: %s', (format, _, content, expected) => {
    expect(places(format, content)).toEqual(expected);
  });

  test('line and excerpt show where', () => {
    expect(found('jsonl', '{"n":1}\n{"n":\t2}{"n":3}\n')).toEqual([
      {
        kind: 'missing-newline',
        shape: 'ledger',
        offset: 16,
        line: 2,
        excerpt: '{"n":␉2}▸{"n":3}',
        what: 'two whole records in one line',
      },
    ]);
    expect(found('json', `{"n":${'\0'.repeat(3000)}}`)[0]!.excerpt).toBe('{"n":▸␀×3000}');
    expect(found('json', Buffer.concat([cutUtf8, Buffer.from('"}')]))[0]!.excerpt).toBe('{"a":"▸\\xc3"}');
  });
});

describe('never accused', () => {
  test.each<[TextFormat, string, string | Uint8Array]>([
    ['json', 'comments and trailing commas', '// made by hand\n{"a": [1, 2,], /* two */ "b": {},}\n'],
    ['json', 'a byte order mark', '\ufeff{"a":1}'],
    ['json', 'a number', '42\n'],
    ['jsonl', 'no newline at the end', '{"n":1}\n{"n":2}'],
    ['jsonl', 'empty lines, and lines that say the same', '{"tick":1}\n\n{"tick":1}\n'],
    ['jsonl', 'nothing yet', ''],
    ['jsonl', 'carriage returns', '{"n":1}\r\n{"n":2}\r\n'],
    ['yaml', 'several documents', '---\na: 1\n---\nb: 2\n'],
    ['yaml', 'nothing', ''],
    ['text', 'Latin-1', Buffer.from('caf\xe9 au lait\n', 'latin1')],
    ['text', 'no newline, or a header of a section twice', '# Title of this\n## Part\na\n## Part\nb'],
  ])('%s: %s', (format, _, content) => {
    expect(places(format, content)).toEqual([]);
  });

  test('JSON as programs write it, and lines of it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.integer({ min: 0, max: 4 }), (text, indent) => {
        const pretty = JSON.stringify(JSON.parse(text), null, indent);
        expect(places('json', pretty)).toEqual([]);
        expect(places('jsonl', `{"v":${text}}\n{"w":${text}}\n`)).toEqual([]);
      }),
    );
  });
});

const record = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 });

test('a value ends where JSON.parse says that it does, and a part of it does not end', () => {
  fc.assert(
    fc.property(record, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value, share) => {
      const text = JSON.stringify(value);
      expect(scanValue(`${text} rest`, 0)).toEqual({ kind: 'whole', end: text.length });
      const part = text.slice(0, Math.floor(text.length * share));
      expect(scanValue(part, 0)).toEqual({ kind: 'cut' });
    }),
  );
});

test('a shorter document over a longer one leaves a tail, whatever is in them', () => {
  fc.assert(
    fc.property(record, record, (a, b) => {
      const [short, long] = [JSON.stringify(a), JSON.stringify(b)].toSorted((x, y) => x.length - y.length) as [
        string,
        string,
      ];
      const [over, under] = [Buffer.from(short), Buffer.from(long)];
      fc.pre(over.length < under.length);
      const left = Buffer.concat([over, under.subarray(over.length)]);
      const kinds = found('json', left).map(({ kind }) => kind);
      // Where the tail begins in the middle of a character, that is what is found.
      expect(['old-tail', 'cut-character']).toContain(kinds[0]);
    }),
  );
});

test.each<[string, string | Uint8Array, Format | undefined]>([
  ['a.jsonl', '', 'jsonl'],
  ['state', '{"a":1}', 'json'],
  ['state', '[section]\na=1\n', 'text'],
  ['events.log', '{"a":1}\n{"a":2}\n', 'jsonl'],
  ['a.json', Buffer.alloc(10), 'json'],
  ['a.db', 'SQLite format 3\0…', 'sqlite'],
  ['picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1, 2, 3]), undefined],
  ['notes.md', '# a\n', 'text'],
])('the format of %s, which begins with %j, is %s', (path, content, format) => {
  expect(formatOf(path, Buffer.from(content))).toBe(format);
});

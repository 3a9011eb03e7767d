/**
 * The part of names that is drawn, as a pattern: what is between that which all of them have in common, made of letters and digits.
 *
 * @param paths of one file that was called otherwise each time.
 */
export function drawnPart(paths: readonly string[]): string {
  const apart = paths.map((path) => path.split(UUID));
  if (apart.every((parts) => parts.length === 2 && parts.join('/') === apart[0]!.join('/'))) {
    return between(apart[0]![0]!, UUID.source, apart[0]![1]!);
  }
  const [before, after] = [common(paths, false), common(paths, true)];
  const drawn = paths.map((path) => path.slice(before.length, Math.max(before.length, path.length - after.length)));
  if (drawn.every((part) => TIME.test(part))) {
    // Of a time, only the last digits may have differed.
    const kept = before.replace(/[-\dT:_.]*$/, '');
    return between(kept, '[-\\dT:_.Z]+', after.replace(/^[-\dT:_.Z]*/, ''));
  }
  // What was drawn may begin alike by chance: only up to a sign, or a word that is in all names of its kind.
  const kept = /^.*(?:[^A-Za-z0-9]|(?<=^|[^A-Za-z0-9])(?:tmp|sed))/s.exec(before)?.[0] ?? '';
  return between(kept, '[A-Za-z0-9_]+', /[^A-Za-z0-9].*$/s.exec(after)?.[0] ?? '');
}

const UUID = /[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}/;

/** A time, or a number: of a process, perhaps. */
const TIME = /^[-\dT:_.Z]*$/;

const between = (before: string, part: string, after: string): string =>
  `(?<=${before === '' ? '^|/' : escaped(before)})${part}(?=${after === '' ? '$|/' : escaped(after)})`;

function common(texts: readonly string[], fromEnd: boolean): string {
  const [first = '', ...others] = fromEnd ? texts.map((text) => [...text].reverse().join('')) : texts;
  let length = 0;
  while (length < first.length && others.every((text) => text[length] === first[length])) length++;
  const shared = first.slice(0, length);
  return fromEnd ? [...shared].reverse().join('') : shared;
}

export const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

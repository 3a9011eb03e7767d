/** HTML in which whatever is filled in is text, unless it is HTML that was made the same way. */

export interface Markup {
  readonly markup: string;
}

type Filling = string | number | undefined | false | Markup | readonly Filling[];

/** `` html`<p>${text}</p>` ``: strings are escaped, for elements and for attributes in double quotes; nothing comes of `undefined`. */
export const html = (strings: TemplateStringsArray, ...fillings: readonly Filling[]): Markup => ({
  markup: strings.map((text, at) => `${text}${at < fillings.length ? filled(fillings[at]) : ''}`).join(''),
});

function filled(filling: Filling): string {
  if (filling === undefined || filling === false) return '';
  if (typeof filling === 'object') return 'markup' in filling ? filling.markup : filling.map(filled).join('');
  return escaped(String(filling));
}

/** Words in which what stands between backticks is code. */
export const prose = (words = ''): readonly Markup[] =>
  words.split(/`([^`]+)`/).map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // A parser drops it, or takes it for something else.
  '\0': '␀',
  '\r': '&#13;',
};

const escaped = (text: string): string => text.toWellFormed().replaceAll(/[&<>"'\0\r]/g, (char) => entities[char]!);

/** JSON that can stand inside of a script element: nothing in it ends the element, or begins a comment. */
export const json = (value: unknown): Markup => ({
  markup: JSON.stringify(value).toWellFormed().replaceAll('<', '\\u003c'),
});

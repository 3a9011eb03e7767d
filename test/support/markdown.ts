import type { Token, Tokens } from 'marked';

/** What a token holds: of a list its items, of a table its cells. */
export function tokensIn(token: Token): readonly Token[] {
  if (token.type === 'list') return (token as Tokens.List).items;
  if (token.type !== 'table') return 'tokens' in token ? (token.tokens ?? []) : [];
  const { header, rows } = token as Tokens.Table;
  return [header, ...rows].flatMap((cells) => cells.flatMap((cell) => cell.tokens));
}

/** The text that a reader sees: entities and escapes undone, markup gone. HTML would be markup, and is an error here. */
export function shownBy(tokens: readonly Token[]): string {
  return tokens
    .map((token): string => {
      if (token.type === 'html') throw new Error(`HTML: ${token.raw}`);
      const inside = tokensIn(token);
      if (inside.length > 0) return shownBy(inside);
      return 'text' in token ? (token as Tokens.Text).text : '';
    })
    .join('');
}

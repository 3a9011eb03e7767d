/** What the help of several commands says alike. */

export const EXIT_CODES = `
Exit codes:
  0   all as expected: known collisions were found, nothing else was
  1   a collision that was not expected, or a row without the verdict it should have
  2   usage or configuration error
  3   the harness could not do its work
  130 interrupted`;

export const CONFIG_HELP =
  'targets of your own (default: collide.config.ts, .mts, .js, .mjs or .json of this directory)';

/** A line for each. */
export const explained = (meanings: Readonly<Record<string, string>>): string =>
  Object.entries(meanings)
    .map(([name, meaning]) => `  ${name}: ${meaning}`)
    .join('\n');

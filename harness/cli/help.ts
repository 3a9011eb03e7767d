/** What the help of several commands says alike. */

export const EXIT_CODES = `
Exit codes, the first that applies:
  2   usage or configuration error
  130 interrupted, by Ctrl-C or SIGTERM
  3   the harness could not do its work
  1   a collision that was not expected, or one that is known and can't be found any more
  3   no verdict: a row is INCONCLUSIVE, VACUOUS or BROKEN_ALONE, or all are SKIPPED (unless --allow-skipped)
  0   all as expected: known collisions were found, nothing else was`;

export const ALLOW_SKIPPED_HELP = 'exit with 0 even if nothing could be run here';

export const CONFIG_HELP =
  'targets of your own (default: collide.config.ts, .mts, .js, .mjs or .json of this directory)';

/** A line for each. */
export const explained = (meanings: Readonly<Record<string, string>>): string =>
  Object.entries(meanings)
    .map(([name, meaning]) => `  ${name}: ${meaning}`)
    .join('\n');

/** What the help of several commands says alike. */

/** What the codes mean that do not mean the same for every command. */
interface Meanings {
  readonly usage?: string;
  readonly wrong?: string;
  readonly unjudged?: string;
  readonly ok?: string;
}

const exitCodes = ({
  usage = 'usage or configuration error',
  wrong = "a collision that was not expected, or one that is known and can't be found any more",
  unjudged = 'no verdict: a row is INCONCLUSIVE, VACUOUS or BROKEN_ALONE, or all are SKIPPED (unless --allow-skipped)',
  ok = 'all as expected: known collisions were found, nothing else was',
}: Meanings): string => `
Exit codes, the first that applies:
  2   ${usage}
  130 interrupted, by Ctrl-C or SIGTERM
  3   the harness could not do its work
  1   ${wrong}
  3   ${unjudged}
  0   ${ok}`;

export const EXIT_CODES = exitCodes({});

export const EXEC_EXIT_CODES = exitCodes({
  usage: 'usage error; a command that fails even when it runs alone; --expect that does not hold one after another',
  wrong: 'a collision',
  unjudged: 'no verdict: INCONCLUSIVE, VACUOUS, or SKIPPED (unless --allow-skipped)',
  ok: 'SAFE',
});

export const FAULTS_EXIT_CODES = exitCodes({
  wrong: "a fault breaks what should hold, or one that is known to break it can't be shown to any more",
  unjudged: 'no verdict: a cell is INCONCLUSIVE, or all are SKIPPED (unless --allow-skipped)',
  ok: 'all as expected: known damage was found, nothing else was',
});

export const REPLAY_EXIT_CODES = exitCodes({
  wrong: 'the execution shows a collision that was not expected',
  unjudged: 'no verdict: the execution left its schedule, or took other steps in another replay',
  ok: 'the execution shows nothing, or what is known',
});

export const ALLOW_SKIPPED_HELP = 'exit with 0 even if nothing could be run here';

export const CONFIG_HELP =
  'targets of your own (default: collide.config.ts, .mts, .js, .mjs or .json of this directory)';

/** A line for each. */
export const explained = (meanings: Readonly<Record<string, string>>): string =>
  Object.entries(meanings)
    .map(([name, meaning]) => `  ${name}: ${meaning}`)
    .join('\n');

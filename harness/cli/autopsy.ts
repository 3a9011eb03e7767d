import { existsSync, globSync, statSync } from 'node:fs';
import { type Format, formats } from '../damage/formats.ts';
import { kindOf } from '../damage/kinds.ts';
import { autopsyOf, type Examined, type Skipped } from '../life/autopsy.ts';
import { autopsyReport } from '../report/autopsy.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';
import { untilInterrupted } from './interrupt.ts';

export interface AutopsyFlags {
  readonly as?: Format;
  readonly json?: boolean;
}

/** What `--json` prints; changes whenever a reader of older ones would misread newer ones. */
const FORMAT = 'collide-autopsy-1';

/** `collide autopsy`: what is wrong with files, and which way of writing leaves that. Resolves to the exit code. */
export async function autopsy(flags: AutopsyFlags, named: readonly string[]): Promise<number> {
  const files = named.flatMap(filesOf);
  return await untilInterrupted(async (interrupted) => {
    const examined: Examined[] = [];
    const skipped: Skipped[] = [];
    for (const file of files) {
      interrupted.throwIfAborted();
      try {
        examined.push(await autopsyOf(file, flags.as));
      } catch (error) {
        // `collide autopsy *` meets pictures and directories; who names one file means that one.
        if (files.length === 1 || (error as Error).name !== 'NotExaminable' || !existsSync(file)) throw error;
        skipped.push({ file, reason: (error as Error).message });
      }
    }
    if (examined.length === 0) throw new UsageError(`${skipped[0]!.reason}; nor can any other of them be looked into`);
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({ format: FORMAT, files: examined.map(inJson), skipped })}\n`
        : autopsyReport(examined, skipped, look()),
    );
    return examined.some(({ damages }) => damages.length > 0) ? exitCode.unexpected : exitCode.ok;
  });
}

const look = () => ({
  columns: Math.min(process.stdout.columns ?? COLUMNS, COLUMNS),
  colour: process.stdout.hasColors?.() ?? false,
});

const COLUMNS = 120;

/** Shells leave a glob in quotes, or one that matches nothing, as it is. */
function filesOf(named: string): readonly string[] {
  if (existsSync(named) || !/[*?[{]/.test(named)) return [named];
  const found = globSync(named).filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found.length === 0) throw new UsageError(`${named}: no file matches that`);
  return found.toSorted();
}

/** Each place with all that is known of its kind. */
const inJson = ({ damages, ...examined }: Examined): object => ({
  ...examined,
  damages: damages.map((damage) => {
    const { class: classes, leftBy, witness } = kindOf(damage.kind);
    return { ...damage, class: classes?.[damage.shape] ?? null, leftBy, witness: witness?.[damage.shape] ?? null };
  }),
});

function parseAs(text: string): Format {
  if (Object.hasOwn(formats, text)) return text as Format;
  throw new UsageError(`--as ${text}: expected ${Object.keys(formats).join(', ')}`);
}

export const autopsyCommand: Define = (program, finish) => {
  program
    .command('autopsy')
    .description(
      'what is wrong with a file: torn lines, NULs, the tail of an older version; and which way of writing leaves that',
    )
    .argument('<file...>', 'JSON, JSON lines, YAML, TOML, SQLite or text; globs are fine. Read, and never changed')
    .option(
      '--as <format>',
      `what they are: ${Object.keys(formats).join(', ')} (default: by name, else by content)`,
      parseAs,
    )
    .option('--json', 'print what was found as JSON')
    .addHelpText(
      'after',
      `
Examples:
  collide autopsy ledger.jsonl
  collide autopsy '.state/**/*.json' ~/.config/tool/settings.json
  collide autopsy --as jsonl events.log --json | jq -r '.files[].damages[] | [.class, .line, .what] | @tsv'

Exit codes:
  0   no damage found; what was looked for is printed
  1   damage
  2   usage error: no such file, a directory, neither text nor a database
  3   the harness could not do its work
  130 interrupted, by Ctrl-C or SIGTERM`,
    )
    .action(async (files, flags) => finish(await autopsy(flags, files)));
};

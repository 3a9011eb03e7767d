import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A writer in another language: a script from `fixtures/`, run by a shell of its own for each operation. */
export interface Command {
  readonly kind: 'command';
  readonly shell: Shell;
  /** Absolute path of the script. */
  readonly script: string;
  /** A command of somebody else's, who did not know of these codes: every number but 0 says that it did not work. */
  readonly refusesWithAnyCode?: boolean;
  /** Of somebody else's commands, what each session is asked to do, by its index: they know nothing of our script. */
  readonly lines?: readonly string[];
  /** What its environment holds besides that of the harness. */
  readonly env?: Readonly<Record<string, string>>;
}

export type Shell = 'sh' | 'dash' | 'bash';

/**
 * The script is run with the resource's directory as its working directory, the operation's id as `$1` and the session's
 * UUID as `$2`. Exit code 0 means that it was acknowledged, 1 that it was refused, anything else leaves that open; what it
 * prints is the operation's output, as JSON where it is JSON.
 */
export const command = (shell: Shell, script: string, env?: Command['env']): Command => ({
  kind: 'command',
  shell,
  script: join(packageRoot(), 'fixtures', script),
  ...(env === undefined ? {} : { env }),
});

export const sh = (script: string, env?: Command['env']): Command => command('sh', script, env);

/** The folder with `package.json`, both where TypeScript is run as it is and from the build in `dist/`. */
export function packageRoot(): string {
  let dir = import.meta.dirname;
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir);
  return dir;
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CONFIG_FILES, configIn } from '../config/load.ts';
import { packageRoot } from '../scenario/command.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';

/** `collide init`: a configuration to begin with. Never replaces one. */
export function init(): number {
  const [written] = CONFIG_FILES;
  const name = areCommonJs('.') ? 'collide.config.mts' : written;
  const there = configIn('.');
  if (there !== undefined) throw new UsageError(`${there} is there already; remove it first, or edit it`);
  writeFileSync(name, readFileSync(join(packageRoot(), 'fixtures', 'init', written), 'utf8'), { flag: 'wx' });
  const installed = existsSync('node_modules/collide-lab');
  process.stdout.write(
    `${name} has two targets to begin with; \`collide run\` runs them, \`collide gate\` keeps them from getting worse.\n${
      installed ? '' : 'For types while you edit it: npm install --save-dev collide-lab\n'
    }`,
  );
  return exitCode.ok;
}

/** As `npm init` has it: what is called .ts or .js is CommonJS then, and can't be a configuration. */
function areCommonJs(dir: string): boolean {
  const path = resolve(dir, 'package.json');
  if (existsSync(path)) return /"type"\s*:\s*"commonjs"/.test(readFileSync(path, 'utf8'));
  return dirname(dirname(path)) !== dirname(path) && areCommonJs(dirname(dirname(path)));
}

export const initCommand: Define = (program, finish) => {
  program
    .command('init')
    .description('write a collide.config.ts to begin with: targets of your own')
    .addHelpText('after', '\nExample:\n  collide init && collide run\n')
    .action(() => {
      finish(init());
    });
};

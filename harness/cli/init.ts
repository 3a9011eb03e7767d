import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILES, configIn } from '../config/load.ts';
import { packageRoot } from '../scenario/command.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';

/** `collide init`: a configuration to begin with. Never replaces one. */
export function init(): number {
  const [name] = CONFIG_FILES;
  const there = configIn('.');
  if (there !== undefined) throw new UsageError(`${there} is there already; remove it first, or edit it`);
  writeFileSync(name, readFileSync(join(packageRoot(), 'fixtures', 'init', name), 'utf8'), { flag: 'wx' });
  const installed = existsSync('node_modules/collide-lab');
  process.stdout.write(
    `${name} has two targets to begin with; \`collide run\` runs them.\n${
      installed ? '' : 'For types while you edit it: npm install --save-dev collide-lab\n'
    }`,
  );
  return exitCode.ok;
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

/** The program of a process in which the command line is called over and over: for what needs no process of its own. */

import { main } from '../../harness/cli/program.ts';
import type { Asked } from './collide.ts';

process.on('message', async ({ args, cwd, temporary }: Asked) => {
  process.chdir(cwd);
  process.env.TMPDIR = temporary;
  const said = { stdout: '', stderr: '' };
  const written = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (text: string | Uint8Array) => {
      said[name] += String(text);
      return true;
    };
  }
  const code = await main(args);
  for (const name of ['stdout', 'stderr'] as const) process[name].write = written[name];
  process.send!({ code, ...said });
});

/**
 * A program: appends one line with each writer behind the gate, where its system calls are counted. Arguments: the directory of
 * the scripts, one for what commands print, and a JSON array of `{writer, bytes, dir}`. Prints the number of each whose line came out
 * whole, a line each.
 */

import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installFilter } from '../gate/filter.ts';
import type { Session } from '../scenario/scenario.ts';
import { runAndWait } from '../session/spawn.ts';
import { appendWriters, LOG } from './writers.ts';

const [scripts, scratch, list] = process.argv.slice(2) as [string, string, string];
const jobs = JSON.parse(list) as readonly { readonly writer: string; readonly bytes: number; readonly dir: string }[];
const writers = new Map(appendWriters(scripts).map((writer) => [writer.name, writer]));

const listener = installFilter();
statSync(scripts); // waits at the gate, until somebody is there
listener.close(); // who is there has it, too; with this one open, all would wait for ever once nobody is

for (const [number, { writer, bytes, dir }] of jobs.entries()) {
  try {
    const { perform } = writers.get(writer)!;
    const session = sessionIn(dir);
    if (typeof perform === 'function') await perform(session);
    else runAndWait(perform, dir, [session.id, session.uuid], scratch);
    const log = join(dir, LOG);
    if (statSync(log).size === bytes) process.stdout.write(`${number}\n`);
    rmSync(log);
  } catch {
    // It is not printed, and so not counted.
  }
}

/** The only process of its round. */
function sessionIn(dir: string): Session {
  return {
    index: 0,
    uuid: '',
    writers: 1,
    id: 's0.0',
    operation: 0,
    memory: undefined,
    server: '',
    space: '',
    path: (...names) => join(dir, ...names),
  };
}

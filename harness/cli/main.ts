#!/usr/bin/env node
// Imports nothing before it is known that what it would import can be loaded.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) fail(`needs Node 22.18 or newer, and this is ${process.version}`, 3);
if (!existsSync(tmpdir())) fail(`TMPDIR=${tmpdir()}: there is no such directory; make it, or name another`, 2);

// `collide list | head -1`: whoever reads has seen enough.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const { explain } = await import('./exit.ts');
// Thrown where nobody waits for it, as when a process can't be started. The sessions see that they are alone, and clear up.
process.on('uncaughtException', (error) => {
  const { line, code } = explain(error);
  fail(line, code);
});
const { main } = await import('./program.ts');
process.exitCode = await main(process.argv.slice(2));

function fail(line: string, code: number): never {
  process.stderr.write(`collide: ${line}\n`);
  process.exit(code);
}

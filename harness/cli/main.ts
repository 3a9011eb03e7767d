#!/usr/bin/env node
// Imports nothing before the version is known to be new enough for what it would import.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`collide: needs Node 22.18 or newer, and this is ${process.version}\n`);
  process.exit(3);
}
// `collide list | head -1`: whoever reads has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
const { main } = await import('./program.ts');
process.exitCode = await main(process.argv.slice(2));

export {};

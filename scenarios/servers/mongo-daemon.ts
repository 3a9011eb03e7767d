/** Starts MongoDB through mongodb-memory-server, which says what it does on standard output: that is kept for the address. */

import { writeSync } from 'node:fs';

process.stdout.write = process.stderr.write.bind(process.stderr);
console.warn = () => {}; // what went wrong is said once, below
process.env.MONGOMS_MAX_RETRIES ??= '1'; // whoever has no network would wait 7 s, in every run

const [dir, systemBinary] = process.argv.slice(2);
const { MongoMemoryServer } = await import('mongodb-memory-server');
try {
  const server = await MongoMemoryServer.create({
    instance: { dbPath: dir!, ip: '127.0.0.1' },
    binary: systemBinary === undefined ? {} : { systemBinary, checkMD5: false },
  });
  writeSync(1, `listening on ${server.getUri()}\n`);
} catch (error) {
  writeSync(2, `${(error as Error).message.replaceAll(/\s+/g, ' ')}\n`);
  process.exit(1);
}

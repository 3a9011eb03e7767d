/**
 * The single writer: whoever wants a line in a notes file asks for it here, over a Unix socket, one JSON line a request
 * (`{"file":"…","line":"…"}`), and is answered `ok` once it is there, or why it is not. One thread, one request after the other: nothing can come
 * between reading the notes and replacing them.
 */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

interface Request {
  readonly file: string;
  readonly line: string;
}

/** Whoever asks for what can't be done is told why, and nobody else suffers from it. */
function answerTo(request: string): string {
  try {
    const { file, line } = JSON.parse(request) as Request;
    writeFileSync(`${file}.new`, `${readFileSync(file, 'utf8')}${line}\n`);
    renameSync(`${file}.new`, file);
    return 'ok';
  } catch (error) {
    return (error as Error).message.replaceAll('\n', ' ');
  }
}

const address = join(process.argv[2]!, 'broker.sock');

createServer((connection) => {
  const lines = createInterface({ input: connection });
  for (const end of [connection, lines]) end.on('error', () => {}); // whoever asked is gone
  lines.on('line', (request) => {
    connection.write(`${answerTo(request)}\n`);
  });
}).listen(address, () => process.stdout.write(`listening on ${address}\n`));

/**
 * Says who leads: one JSON line a request over a Unix socket, `{"claim":"s0.0"}`, answered `granted` or `taken`, `{"release":"s0.0"}` and
 * `{"reset":true}`, answered `ok`.
 */

import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

interface Request {
  readonly claim?: string;
  readonly release?: string;
  readonly reset?: true;
}

let leader: string | undefined;

function answerTo({ claim, release, reset }: Request): string {
  if (claim !== undefined) {
    if (leader !== undefined) return 'taken';
    leader = claim;
    return 'granted';
  }
  if (reset || leader === release) leader = undefined;
  return 'ok';
}

const address = join(process.argv[2]!, 'coordinator.sock');

createServer((connection) => {
  const lines = createInterface({ input: connection });
  for (const end of [connection, lines]) end.on('error', () => {}); // whoever asked is gone
  lines.on('line', (line) => {
    connection.write(`${answerTo(JSON.parse(line) as Request)}\n`);
  });
}).listen(address, () => process.stdout.write(`listening on ${address}\n`));

/**
 * A counter and named locks, over a Unix socket and TCP, one command a line: `get`, `set N`, `add`, `lock NAME`, `unlock NAME`,
 * `reset`, `slow` (an answer that takes a while). A second socket tells the count to whoever connects. A lock is answered when it can be had, and is given back at the latest when its connection ends.
 */

import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

let count = 0;
const holders = new Map<string, Socket>();
let waiting: { readonly name: string; readonly connection: Socket }[] = [];

function serve(connection: Socket): void {
  connection.on('error', () => {});
  connection.on('close', () => {
    waiting = waiting.filter((each) => each.connection !== connection);
    for (const [name, holder] of holders) if (holder === connection) free(name);
  });
  const lines = createInterface({ input: connection });
  lines.on('error', () => {});
  lines.on('line', (line) => {
    const [command, argument = ''] = line.split(' ');
    if (command === 'lock') {
      waiting.push({ name: argument, connection });
      grant(argument);
      return;
    }
    if (command === 'slow') {
      count++;
      setTimeout(() => connection.write(`${count}\n`), 100);
      return;
    }
    if (command === 'unlock') free(argument);
    if (command === 'set') count = Number(argument);
    if (command === 'add') count++;
    if (command === 'reset') count = 0;
    connection.write(`${count}\n`);
  });
}

function free(name: string): void {
  holders.delete(name);
  grant(name);
}

function grant(name: string): void {
  const next = waiting.find((each) => each.name === name);
  if (next === undefined || holders.has(name)) return;
  waiting = waiting.filter((each) => each !== next);
  holders.set(name, next.connection);
  next.connection.write('granted\n');
}

const path = join(process.argv[2]!, 'counter.sock');
const tcp = createServer(serve).listen(0, '127.0.0.1', () => {
  const { port } = tcp.address() as { port: number };
  createServer(serve).listen(path, () => {
    const greeting = createServer((connection) => connection.on('error', () => {}).write(`${count}\n`));
    greeting.listen(`${path}.greeting`, () => process.stdout.write(`listening on ${path} ${port}\n`));
  });
});

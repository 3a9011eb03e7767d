/**
 * An HTTP service that takes posts: each is written to a file before it is answered. It counts the posts in flight, for
 * each path, from the headers of a post to its answer, and tells each how many there were at most meanwhile.
 */

import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const dir = process.argv[2]!;

interface Post {
  most: number;
}

const inFlight = new Map<string, Set<Post>>();

/** With `Expect: 100-continue` the client sends the body only once it is told to. */
async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const post = enter(path);
  const leave = (): void => void inFlight.get(path)?.delete(post);
  response.once('close', leave); // broken off
  response.writeContinue();
  appendFileSync(join(dir, 'received'), await text(request));
  leave();
  response.end(JSON.stringify({ inFlight: post.most }));
}

function enter(path: string): Post {
  const posts = inFlight.get(path) ?? new Set();
  inFlight.set(path, posts);
  const post = { most: 0 };
  posts.add(post);
  for (const each of posts) each.most = Math.max(each.most, posts.size);
  return post;
}

const server = createServer();
server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
  take(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

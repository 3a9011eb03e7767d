import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Asks a daemon on a Unix socket: one line there, one line back. Rejects where nobody listens, or nobody answers.
 *
 * A connection for each request is the simplest client there is: nothing to keep alive, nothing to share, and the daemon
 * learns from the end of the connection that nobody waits any more.
 */
export async function ask(socket: string, request: unknown): Promise<string> {
  const connection = createConnection(socket);
  try {
    connection.write(`${JSON.stringify(request)}\n`);
    for await (const answer of createInterface({ input: connection })) return answer;
    throw new Error('the daemon hung up without an answer');
  } finally {
    connection.destroy();
  }
}

import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Posts a body over a connection of its own, and returns the answer's. The body is sent once the server has said that it takes
 * it (`Expect: 100-continue`): for one that never says so, nor answers, this waits for ever.
 */
export async function post(url: string, body: string): Promise<string> {
  const posting = request(url, { method: 'POST', agent: false, headers: { Expect: '100-continue' } });
  const closed = new Promise((resolve) => posting.on('close', resolve));
  posting.on('error', () => {}); // whoever waits for the response is told
  posting.on('continue', () => posting.end(body));
  posting.flushHeaders();
  const [response] = (await once(posting, 'response')) as [IncomingMessage];
  const answer = await text(response);
  posting.destroy();
  await closed;
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}: ${answer}`);
  return answer;
}

import { describe, expect, test } from 'vitest';
import { Peers } from '../../harness/gate/peers.ts';

/** struct sockaddr_un { sa_family_t family; char path[108]; }; struct sockaddr_in { sa_family_t family; in_port_t port; … } */
const unix = (path: string): Buffer => Buffer.concat([Buffer.from([1, 0]), Buffer.from(path), Buffer.from([0])]);
const inet = (family: 2 | 10, port: number): Buffer => Buffer.from([family, 0, port >> 8, port & 0xff, 127, 0, 0, 1]);

const traits = { worksOnResource: false, ignoresBeginnings: false, ignoresEnds: false } as const;

function peers(): Peers {
  const found = new Peers();
  found.server = { name: 'broker', listens: ['/tmp/broker.sock', 27017], ...traits };
  return found;
}

describe('a socket leads to the server', () => {
  test.each([
    ['over its path', unix('/tmp/broker.sock')],
    ['over a path that fills the address', Buffer.concat([Buffer.from([1, 0]), Buffer.from('/tmp/broker.sock')])],
    ['over IPv4', inet(2, 27017)],
    ['over IPv6', inet(10, 27017)],
  ])('%s', (_, address) => {
    const found = peers();
    found.connecting('socket:[1]', address);
    expect(found.behind('socket:[1]')).toBe('broker');
    expect(found.behind('socket:[2]')).toBeUndefined();
  });

  test('and again, once the sessions share that server again', () => {
    const found = peers();
    found.connecting('socket:[1]', inet(2, 27017));
    const { server } = found;
    found.server = { name: 'another', listens: [6379], ...traits };
    expect(found.behind('socket:[1]')).toBeUndefined();
    found.server = server;
    expect(found.behind('socket:[1]')).toBe('broker');
  });
});

test.each([
  ['another path', unix('/tmp/broker.sock.old')],
  ['another port', inet(2, 27018)],
  ['an abstract name', Buffer.concat([Buffer.from([1, 0, 0]), Buffer.from('/tmp/broker.sock')])],
  ['another family', Buffer.from([16, 0, 0x69, 0x89, 0, 0, 0, 0])],
  ['an address that is cut off', Buffer.from([2, 0])],
])('a socket does not lead to the server: %s', (_, address) => {
  const found = peers();
  found.connecting('socket:[1]', address);
  expect(found.behind('socket:[1]')).toBeUndefined();
});

test('without a server, no socket leads to it', () => {
  const found = new Peers();
  found.connecting('socket:[1]', inet(2, 27017));
  expect(found.behind('socket:[1]')).toBeUndefined();
});

import type { Endpoint } from '../scenario/server.ts';
import { bytesAt } from './process.ts';

// bits/socket.h of Linux
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** Where the sockets of a session lead. A socket is known by its inode, `socket:[4711]`, of which no two are ever alike. */
export class Peers {
  /** The server that the sessions share; what goes elsewhere is no concern of any step. */
  server: Pick<Endpoint, 'name' | 'listens' | 'worksOnResource' | 'ignoresBeginnings' | 'ignoresEnds'> | undefined;
  readonly #places = new Map<string, string | number>();

  /** A socket is about to be connected to this address. */
  connecting(socket: string, address: Buffer): void {
    const place = placeOf(address);
    if (place !== undefined) this.#places.set(socket, place);
  }

  /** The name of the server, where it is at the other end. */
  behind(socket: string): string | undefined {
    const place = this.#places.get(socket);
    return place !== undefined && this.server?.listens.includes(place) ? this.server.name : undefined;
  }
}

/** struct sockaddr of a thread that calls connect(2). */
export const addressAt = (tid: number, address: number, length: number): Buffer =>
  bytesAt(tid, address, Math.min(length, SOCKADDR_BYTES_MAX));

/** sizeof(struct sockaddr_storage) */
const SOCKADDR_BYTES_MAX = 128;

/** The path of a socket; undefined where it has none: abstract, or of another family. unix(7) */
export function pathIn(address: Buffer): string | undefined {
  if (address.length < 3 || address.readUInt16LE(0) !== AF_UNIX) return undefined;
  return (placeOf(address) as string) || undefined;
}

/** unix(7): a path; ip(7), ipv6(7): the port, since a server on this machine has one, whatever the address. */
function placeOf(address: Buffer): string | number | undefined {
  if (address.length < 4) return undefined;
  switch (address.readUInt16LE(0)) {
    case AF_UNIX: {
      const end = address.indexOf(0, 2);
      return address.toString('utf8', 2, end < 0 ? address.length : end);
    }
    case AF_INET:
    case AF_INET6:
      return address.readUInt16BE(2);
    default:
      return undefined;
  }
}

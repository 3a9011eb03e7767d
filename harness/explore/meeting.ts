/** Addresses at which sessions can meet: unix(7), ip(7), ipv6(7). */

import { join } from 'node:path';
import type { Notification } from '../gate/listener.ts';
import { addressAt } from '../gate/peers.ts';
import { bytesAt, linkOf } from '../gate/process.ts';
import type { Commons, Member } from './commons.ts';
import type { Known } from './concern.ts';

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** Services of the system that the C library asks by itself: nscd, syslog, names. */
const OF_THE_SYSTEM = /^\/(var\/)?run\/(nscd|systemd)\/|^\/dev\/log$|^port 53$/;

/**
 * The address that a call names, in words; undefined where it names none, or one at which nobody is met: that of the declared
 * server, or one that the kernel chooses.
 */
export function meetingAt(
  notification: Notification,
  known: Known & { readonly commons: Commons; readonly member: Member },
): string | undefined {
  const address = named(notification);
  if (address === undefined || address.length < 3) return undefined;
  const family = address.readUInt16LE(0);
  if (family === AF_UNIX) return unixAddress(address, notification.tid, known);
  if ((family !== AF_INET && family !== AF_INET6) || address.length < 4) return undefined;
  const port = address.readUInt16BE(2);
  if (port === 0) {
    if (notification.call === 'bind') known.commons.meets(CHOSEN, known.member);
    return undefined;
  }
  if (known.peers.server?.listens.includes(port)) return undefined;
  const words = `port ${port}`;
  if (OF_THE_SYSTEM.test(words)) return undefined;
  // Where another session has been given some port, it may be this one: its number has come by a file.
  return notification.call !== 'bind' && known.commons.meets(CHOSEN, known.member, false) ? CHOSEN : words;
}

const CHOSEN = 'a port that the kernel chose';

function unixAddress(address: Buffer, tid: number, { resource, peers }: Known): string | undefined {
  const name = address.subarray(2);
  if (name[0] === 0) return `@${printable(name.subarray(1))}`;
  const end = name.indexOf(0);
  const path = name.toString('utf8', 0, end < 0 ? name.length : end);
  if (peers.server?.listens.includes(path)) return undefined;
  const absolute = path.startsWith('/') ? path : join(linkOf(tid, 'cwd') ?? '/', path);
  return OF_THE_SYSTEM.test(absolute) ? undefined : (resource.relative(absolute) ?? absolute);
}

const printable = (name: Buffer): string => name.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '?');

/** bind(2), connect(2), sendto(2), sendmsg(2). */
function named({ call, tid, args, ints }: Notification): Buffer | undefined {
  switch (call) {
    case 'bind':
    case 'connect':
      return addressAt(tid, args[1]!, ints[2]!);
    case 'sendto':
      return args[4] === 0 ? undefined : addressAt(tid, args[4]!, ints[5]!);
    case 'sendmsg': {
      // struct msghdr { void *name; socklen_t length; … }
      const header = bytesAt(tid, args[1]!, 16);
      const at = header.length < 16 ? 0 : Number(header.readBigUInt64LE(0));
      return at === 0 ? undefined : addressAt(tid, at, header.readInt32LE(8));
    }
    default:
      return undefined;
  }
}

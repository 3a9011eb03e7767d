/**
 * What a call does to an inode, as the objects that it reads and writes:
 *
 * - `inode X`: the content of a file, and its size. A write that leaves the size alone touches only its range.
 * - `status X`: what calls change in passing, times and the number of links: a write, a link and a rename put another time there,
 *   and whichever comes last has the last word, but that is the time of day in any case. So they `add`, and only who looks at it,
 *   or sets a time of his own choice, cares.
 * - `mode X`: the mode and the owner.
 * - `extended X`: the extended attributes, xattr(7).
 * - `names X`: the entries of a directory, and with them its size, its times and its number of links: whatever adds an entry or
 *   takes one away changes all of them.
 * - `times X`: nobody writes it. Whoever reads it may go by how old it is, and not only by whether it has changed.
 * - `order X`: the order in which a directory lists its entries.
 *
 * The time of the last access is no object: each read would then race with each stat(2).
 */

import type { Access } from '../history/step.ts';
import type { Attribute, Request } from './request.ts';

type Mode = Access['mode'];

/** A file or directory by its name for one execution. */
export interface Inode {
  readonly label: string;
  readonly isDirectory: boolean;
}

const access = (object: string, mode: Mode): Access => ({ object, mode });

/** Times change, or the number of links. */
export const touched = ({ label }: Inode): Access => access(`status ${label}`, 'add');

/** May it be opened, changed, gone through? */
export const permitted = ({ label }: Inode): Access => access(`mode ${label}`, 'read');

export const contentOf = ({ label }: Inode, mode: 'read' | 'write', range: Partial<Access> = {}): Access => ({
  ...access(`inode ${label}`, mode),
  ...range,
});

/** What statx(2) can be asked for, linux/stat.h: the mode and owner; the number of links; times of changes; the size. */
const MODE = 0x1a;
const STATUS = 0xc4;
const SIZE = 0x600;
const ALL = MODE | STATUS | SIZE;

/** As stat(2), access(2), lseek(2) and getxattr(2) do it. */
export function looked(inode: Inode, attribute: Attribute | undefined, mask = ALL): readonly Access[] {
  const { label, isDirectory } = inode;
  switch (attribute) {
    case 'existence':
      return [];
    case 'mode':
      return [permitted(inode)];
    case 'size':
      return [contentOf(inode, 'read')];
    case 'extended':
      return [access(`extended ${label}`, 'read'), permitted(inode)];
    default:
      return [
        ...(isDirectory && (mask & (STATUS | SIZE)) !== 0 ? [access(`names ${label}`, 'read')] : []),
        ...(!isDirectory && (mask & SIZE) !== 0 ? [contentOf(inode, 'read')] : []),
        ...((mask & STATUS) !== 0 ? [access(`status ${label}`, 'read')] : []),
        ...((mask & MODE) !== 0 ? [permitted(inode)] : []),
      ];
  }
}

/** As chmod(2), chown(2), utimensat(2) and setxattr(2) do it. */
export function set(inode: Inode, attribute: Attribute | undefined): readonly Access[] {
  const { label, isDirectory } = inode;
  switch (attribute) {
    case 'now':
      return [permitted(inode), touched(inode)];
    case 'times':
      return [
        permitted(inode),
        access(`status ${label}`, 'write'),
        ...(isDirectory ? [access(`names ${label}`, 'write')] : []),
      ];
    case 'extended':
      return [permitted(inode), access(`extended ${label}`, 'write'), touched(inode)];
    default:
      return [access(`mode ${label}`, 'write'), touched(inode)];
  }
}

/** Whoever is told the times of a file may go by its age. */
export function timed({ label }: Inode, { attribute, mask = STATUS }: Request): readonly Access[] {
  return attribute === undefined && (mask & STATUS) !== 0 ? [access(`times ${label}`, 'read')] : [];
}

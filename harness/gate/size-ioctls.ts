/**
 * They tell the size of a file, or where it has content: FIONREAD, FIOQSIZE of asm-generic/ioctls.h (the latter counts the room that
 * it takes), FS_IOC_FIEMAP of linux/fs.h.
 */
export const SIZE_IOCTLS: readonly number[] = [0x541b, 0x5460, 0xc020660b | 0];

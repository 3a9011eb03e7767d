export const KIB = 1024;
export const MIB = 1024 * KIB;

/** `64 B`, `8 KiB`, `16 MiB`. */
export const sizeWords = (bytes: number): string =>
  bytes >= MIB ? `${Math.floor(bytes / MIB)} MiB` : bytes >= KIB ? `${Math.floor(bytes / KIB)} KiB` : `${bytes} B`;

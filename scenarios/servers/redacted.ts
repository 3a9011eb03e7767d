/** An address as it may be printed and stored: without the password, and without its options, which may hold another. */
export const redacted = (address: string): string =>
  address.replace(/(\/\/[^/@:]*):.*@/s, '$1:…@').replace(/\?.*/s, '?…');

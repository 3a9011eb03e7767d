/** An address as it may be printed and stored: without the password, should it hold one. */
export const redacted = (address: string): string => address.replace(/(\/\/[^/@:]*):[^/]*@/, '$1:…@');

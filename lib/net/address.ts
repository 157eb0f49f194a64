export interface Address {
  /** A name, or an IP address, IPv6 without brackets. */
  host: string;
  port: number;
}

/** A host as it stands in a URL: an IPv6 address in brackets (RFC 3986, 3.2.2), which one that has them keeps. */
export const urlHost = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/** `host:port`, as it stands in a URL and in sentences. */
export const addressText = ({ host, port }: Address): string => `${urlHost(host)}:${port}`;

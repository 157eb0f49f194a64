import { urlHost } from './address';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** True for a host that only this machine reaches: `localhost`, 127.0.0.0/8, `::1` with or without brackets. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(urlHost(host));

/**
 * One HTTP GET to an address that a stranger chose: each hop's scheme, credentials and resolved address are checked, and the connection goes to
 * exactly the address that was checked, so that a name which resolves differently the second time (DNS rebinding) gains nothing.
 */

import { lookup as systemLookup } from 'node:dns';
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isFieldlineError } from '@/lib/errors';
import { bareHost, isHostAllowed, isInternetAddress } from './address-guard';
import {
  addressRefused,
  badRedirect,
  noLink,
  privateAddressRefused,
  shownUrl,
  timedOut,
  unreachable,
} from './failures';
import { ownServerHeaders } from './own-server';

export interface GuardedGetOptions {
  /** The answer's headers must come within this, at every hop; name resolution and connecting included. */
  readonly idleMsMax: number;
  readonly redirectsMax: number;
  readonly allowPrivateHosts: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Name resolution; the system's when absent. */
  readonly lookup?: typeof systemLookup;
}

export interface GuardedResponse {
  /** The address after redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As sent, encoded if it is. Read it to its end or destroy it. */
  readonly body: IncomingMessage;
}

const REDIRECTS = [301, 302, 303, 307, 308];
const HEADERS_BYTES_MAX = 32 * 1024;
const USER_AGENT = 'fieldline';

/** Fails with ASSET_NO_LINK, ASSET_ADDRESS_REFUSED, ASSET_UNREACHABLE, ASSET_TIMEOUT, ASSET_HTTP_STATUS (redirects only), or the signal's reason. */
export async function guardedGet(link: string, options: GuardedGetOptions): Promise<GuardedResponse> {
  if (!URL.canParse(link)) throw noLink('The link of the feed is not an address');
  let url = new URL(link);
  for (let hop = 0; ; hop++) {
    checkUrl(url, options.allowPrivateHosts, hop);
    const response = await request(url, options);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (!REDIRECTS.includes(status) || !location) return { url, status, headers: response.headers, body: response };
    response.destroy();
    if (hop >= options.redirectsMax)
      throw badRedirect(
        `${new URL(link).host} redirects more than ${options.redirectsMax} times, last at ${shownUrl(url)}`,
      );
    if (!URL.canParse(location, url)) throw badRedirect(`${shownUrl(url)} redirects to something that is no address`);
    url = new URL(location, url);
  }
}

function checkUrl(url: URL, allowed: readonly string[], hop: number): void {
  const where = hop === 0 ? 'The link' : 'A redirect';
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw addressRefused(`${where} leads to a ${url.protocol} address; only http and https are fetched`);
  if (url.username !== '' || url.password !== '')
    throw addressRefused(`${where} to ${url.host} carries a user name or password, which is not sent`);
  const host = bareHost(url);
  // Numeric hosts never reach the lookup below.
  if (isIP(host) !== 0 && !isHostAllowed(url, allowed) && !isInternetAddress(host))
    throw privateAddressRefused(`${where} leads to ${url.host}, which is not an address of the internet`);
}

function request(url: URL, options: GuardedGetOptions): Promise<IncomingMessage> {
  const { signal, idleMsMax } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const send = url.protocol === 'https:' ? https.request : http.request;
    const outgoing = send(url, {
      // A connection of its own: a pooled one could lead to an address that was checked under other rules.
      agent: false,
      lookup: checkedLookup(url, options),
      maxHeaderSize: HEADERS_BYTES_MAX,
      headers: {
        'user-agent': USER_AGENT,
        accept: '*/*',
        'accept-encoding': 'identity',
        ...options.headers,
        ...ownServerHeaders(url),
      },
    });
    const timer = setTimeout(() => outgoing.destroy(timedOut(url.host, idleMsMax, 0)), idleMsMax);
    const onAbort = () => outgoing.destroy(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    outgoing.once('response', (response) => {
      settle();
      resolve(response);
    });
    outgoing.on('error', (error) => {
      settle();
      if (signal.aborted) reject(signal.reason);
      else reject(isFieldlineError(error) ? error : unreachable(url.host, error, 0));
    });
    outgoing.end();
  });
}

/** Resolves a name and hands on only the addresses that may be connected to. */
function checkedLookup(url: URL, options: GuardedGetOptions): LookupFunction {
  const resolve = options.lookup ?? systemLookup;
  const anyAddress = isHostAllowed(url, options.allowPrivateHosts);
  return (hostname, { family, hints, all }, callback) => {
    resolve(hostname, { family: family ?? 0, hints: hints ?? 0, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const usable = addresses.filter(({ address }) => anyAddress || isInternetAddress(address));
      const first = usable[0];
      if (!first)
        return callback(
          privateAddressRefused(
            `${url.host} resolves to an address that is not of the internet (${addresses[0]?.address ?? 'none'})`,
          ),
          [],
        );
      if (all) return callback(null, usable);
      return callback(null, first.address, first.family);
    });
  };
}

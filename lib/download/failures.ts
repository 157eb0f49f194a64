/** The ways a download fails, in words for an operator. Addresses in messages never carry user names, passwords or query strings. */
import { errorMessage, FieldlineError } from '@/lib/errors';
import { formatBytes } from '@/lib/format/bytes';
import { CERTIFICATE_WORDS } from '@/lib/http';

const RETRIABLE_CLIENT_STATUSES = [408, 425, 429];
const STATUS_WORDS: Record<number, string> = {
  401: 'it asks for a sign-in',
  403: 'it does not allow the download',
  404: 'the file is not there',
  410: 'the file is gone',
  429: 'it is asked too often',
  500: 'it has an error of its own',
  502: 'the server behind it has trouble',
  503: 'it is not available now',
  504: 'the server behind it does not answer',
};

/** An address as it may be shown and logged. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search ? '?…' : ''}`;
}

export function noLink(reason: string): FieldlineError {
  return new FieldlineError('ASSET_NO_LINK', reason, { remedy: 'Ask whoever keeps the feed for a link to the file' });
}

/** An address that no setting allows. */
export function addressRefused(what: string): FieldlineError {
  return new FieldlineError('ASSET_ADDRESS_REFUSED', what);
}

/** An address of a private network, which a setting may allow. */
export function privateAddressRefused(what: string): FieldlineError {
  return new FieldlineError('ASSET_ADDRESS_REFUSED', what, {
    remedy: 'If that host is yours and meant, add it to allowPrivateHosts',
  });
}

export function badStatus(url: URL, status: number): FieldlineError {
  const words = STATUS_WORDS[status];
  return new FieldlineError(
    'ASSET_HTTP_STATUS',
    `${url.host} answered ${status}${words ? `: ${words}` : ''} (${shownUrl(url)})`,
    {
      retriable: status >= 500 || RETRIABLE_CLIENT_STATUSES.includes(status),
      details: { status },
    },
  );
}

export function badRedirect(message: string): FieldlineError {
  return new FieldlineError('ASSET_HTTP_STATUS', message, { retriable: false });
}

export function tooLarge(bytesMax: number, announced: number | null): FieldlineError {
  const size = announced === null ? 'The file' : `The file has ${formatBytes(announced)}, which`;
  return new FieldlineError('ASSET_TOO_LARGE', `${size} is more than the limit of ${formatBytes(bytesMax)}`, {
    remedy: 'Raise limits.assetBytesMax if such files are wanted',
    details: { bytesMax, ...(announced === null ? {} : { bytes: announced }) },
  });
}

export function timedOut(host: string, idleMsMax: number, bytes: number): FieldlineError {
  const waited = `${Math.round(idleMsMax / 100) / 10} s`;
  return new FieldlineError(
    'ASSET_TIMEOUT',
    bytes === 0
      ? `${host} sent nothing for ${waited}`
      : `${host} sent next to nothing for ${waited}, after ${formatBytes(bytes)}`,
  );
}

export function wrongType(message: string): FieldlineError {
  return new FieldlineError('ASSET_WRONG_TYPE', message, { remedy: 'Open the link in a browser to see what it gives' });
}

const NETWORK_WORDS: Record<string, string> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up just now',
  ECONNREFUSED: 'it refused the connection',
  ECONNRESET: 'it broke off the connection',
  EPIPE: 'it broke off the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network to it',
  ETIMEDOUT: 'it did not answer',
  Z_BUF_ERROR: 'it broke off before the end',
  Z_DATA_ERROR: 'its compressed answer is damaged',
};

function wordsOf(code = ''): string | undefined {
  const certificate = CERTIFICATE_WORDS[code];
  return certificate ? `its certificate ${certificate}` : NETWORK_WORDS[code];
}

/** Wraps what a socket, TLS or a decompressor throws. `bytes`: how much came before. */
export function unreachable(host: string, cause: unknown, bytes: number): FieldlineError {
  const code = codeOf(cause);
  const why = wordsOf(code) ?? errorMessage(cause);
  const after = bytes > 0 ? ` after ${formatBytes(bytes)}` : '';
  return new FieldlineError('ASSET_UNREACHABLE', `${host} could not be read${after}: ${why}`, { cause });
}

/** An AggregateError (every address of a host was tried) tells by its first error. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return (error as NodeJS.ErrnoException | null)?.code;
}

import { errorMessage, FieldlineError } from '@/lib/errors';

/** Why a server could not be reached, in `details.reason`: what a settings page tells a person apart. */
export type UnreachableReason = 'refused' | 'unresolved' | 'unreachable' | 'reset' | 'certificate' | 'network';

const REASONS: Record<string, { reason: UnreachableReason; words: (where: string, host: string) => string }> = {
  ECONNREFUSED: { reason: 'refused', words: (where) => `${where} refused the connection: nothing listens there` },
  ENOTFOUND: { reason: 'unresolved', words: (_where, host) => `The host name "${host}" can not be resolved` },
  EAI_AGAIN: { reason: 'unresolved', words: (_where, host) => `The host name "${host}" can not be resolved now` },
  EHOSTUNREACH: { reason: 'unreachable', words: (where) => `There is no route to ${where}` },
  ENETUNREACH: { reason: 'unreachable', words: (where) => `There is no network to ${where}` },
  ETIMEDOUT: { reason: 'unreachable', words: (where) => `${where} did not answer the connection` },
  ECONNRESET: { reason: 'reset', words: (where) => `${where} closed the connection in the middle` },
  EPIPE: { reason: 'reset', words: (where) => `${where} closed the connection in the middle` },
  ERR_STREAM_PREMATURE_CLOSE: { reason: 'reset', words: (where) => `${where} closed the connection in the middle` },
};

/** What is wrong with a certificate, by OpenSSL's and Node's codes; continues "the certificate ...". */
export const CERTIFICATE_WORDS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'can not be verified: its authority is not known here',
  CERT_SIGNATURE_FAILURE: 'is not signed by the authority it names',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
};
/** What an answer in the clear looks like to TLS. */
const NO_TLS_CODE = /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/;

/** OpenSSL's and Node's names of certificate failures (node:tls documentation, "X509 certificate error codes"). */
const CERTIFICATE_CODE = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;

function systemCode(error: unknown): string {
  for (let depth = 0, at = error; depth < 4 && at instanceof Error; depth++, at = at.cause) {
    const code = (at as NodeJS.ErrnoException).code;
    if (typeof code === 'string') return code;
  }
  return errorMessage(error) === 'Premature close' ? 'ERR_STREAM_PREMATURE_CLOSE' : '';
}

/** A failed connection in words, as UNAVAILABLE with `details.reason`; an error of the family passes through. */
export function connectionError(error: unknown, url: URL): FieldlineError {
  if (error instanceof FieldlineError) return error;
  const code = systemCode(error);
  const details = { host: url.hostname, port: portOf(url), errno: code };
  if (CERTIFICATE_CODE.test(code))
    return new FieldlineError(
      'UNAVAILABLE',
      `The certificate of ${hostPort(url)} is not trusted: it ${CERTIFICATE_WORDS[code] ?? `is refused with ${code}`}`,
      {
        cause: error,
        retriable: false,
        remedy: 'Configure the authority that signed it',
        details: { ...details, reason: 'certificate' },
      },
    );
  if (NO_TLS_CODE.test(code))
    return new FieldlineError('UNAVAILABLE', `${hostPort(url)} does not speak TLS`, {
      cause: error,
      remedy: 'Use the port that does, or switch TLS off where the network is trusted',
      details: { ...details, reason: 'network' },
    });
  const known = REASONS[code];
  return new FieldlineError(
    'UNAVAILABLE',
    known
      ? known.words(hostPort(url), url.hostname)
      : `The connection to ${hostPort(url)} failed: ${errorMessage(error)}`,
    { cause: error, details: { ...details, reason: known?.reason ?? 'network' } },
  );
}

export function portOf(url: URL): number {
  return url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80;
}

export function hostPort(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

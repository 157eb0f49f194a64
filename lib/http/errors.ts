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
    return new FieldlineError('UNAVAILABLE', `The certificate of ${hostPort(url)} is not trusted: ${code}`, {
      cause: error,
      retriable: false,
      remedy: 'Configure the authority that signed it',
      details: { ...details, reason: 'certificate' },
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

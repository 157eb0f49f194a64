import { errorMessage, FieldlineError, isFieldlineError, shownMessage } from '../errors';
import type { CheckCode } from './codes';

/** A check that has found what is wrong. */
export class CheckFailure extends Error {
  constructor(
    readonly code: CheckCode,
    message: string,
    readonly remedy: string | null = null,
  ) {
    super(message);
  }
}

/** Names of OpenSSL and Node (node:tls, "X509 certificate error codes"). */
const CERTIFICATES: readonly [RegExp, CheckCode, string][] = [
  [
    /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    'certificate-expired',
    'Renew the certificate of the server, or set the clock of this machine',
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH/,
    'certificate-name',
    'Use the name that is in the certificate, or have it made for this name',
  ],
  [
    /UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_UNTRUSTED|CERT_SIGNATURE|INVALID_CA/,
    'certificate-authority',
    'Enter the certificate (PEM) of the authority that signed it',
  ],
];
const REASONS: Record<string, CheckCode> = {
  unresolved: 'name-not-resolved',
  refused: 'refused',
  unreachable: 'unreachable',
  reset: 'wrong-service',
};
const BY_TEXT: readonly [RegExp, CheckCode][] = [
  [/ENOTFOUND|EAI_AGAIN|can not be resolved/, 'name-not-resolved'],
  [/ECONNREFUSED/, 'refused'],
  [/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/, 'unreachable'],
  [/not authorised|NOT_AUTHORIZED|AUTHORIZATION_FAILED|[Nn]ot authorized/, 'not-authorised'],
  [/wrong version number|does not speak TLS|EPROTO|Parse Error/, 'wrong-service'],
  [/[Tt]imed? ?out|timeout/, 'no-answer'],
];

/** Anything that a check threw, as what is wrong. */
export function asCheckFailure(error: unknown): CheckFailure {
  if (error instanceof CheckFailure) return error;
  const message = shownMessage(error);
  const remedy = error instanceof FieldlineError ? (error.remedy ?? null) : null;
  const texts = `${codesOf(error)} ${errorMessage(error)}`;
  const certificate = CERTIFICATES.find(([pattern]) => pattern.test(texts));
  if (certificate) return new CheckFailure(certificate[1], message, certificate[2]);
  const byText = BY_TEXT.find(([pattern]) => pattern.test(texts))?.[1];
  if (byText === 'not-authorised' || isFieldlineError(error, 'FORBIDDEN'))
    return new CheckFailure('not-authorised', message, remedy);
  if (isFieldlineError(error, 'AUTH_FAILED', 'UNAUTHENTICATED'))
    return new CheckFailure('credentials', message, remedy);
  if (isFieldlineError(error, 'PROTOCOL')) return new CheckFailure('wrong-service', message, remedy);
  if (isFieldlineError(error, 'TIMEOUT')) return new CheckFailure('no-answer', message, remedy);
  const reason = error instanceof FieldlineError ? REASONS[String(error.details.reason)] : undefined;
  return new CheckFailure(reason ?? byText ?? 'failed', message, remedy);
}

/** The system's codes of an error and what caused it. */
function codesOf(error: unknown): string {
  const codes: string[] = [];
  for (let depth = 0, at = error; depth < 5 && at instanceof Error; depth++, at = at.cause)
    codes.push(
      String((at as NodeJS.ErrnoException).code ?? ''),
      at instanceof FieldlineError ? String(at.details.errno ?? '') : '',
    );
  return codes.join(' ');
}

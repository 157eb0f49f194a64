import { errorMessage, FieldlineError, type FieldlineErrorOptions } from '@/lib/errors';
import { connectionError } from '@/lib/http';
import type { PostgresAddress } from './options';

/** Failures of Node's sockets and of pg itself, which have no SQLSTATE. */
const SOCKET_ERROR = /^(E[A-Z]+|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS)/;
/** What pg says when the server went away or did not come. */
const LOST = /terminated|timeout exceeded when trying to connect|Connection ended|not queryable|ended by/i;

/** Whether the same statement can succeed at once: the server ended one of two transactions that stood in each other's way. */
export const isTransient = (error: unknown): boolean => ['40001', '40P01'].includes(sqlState(error));

function sqlState(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}

/**
 * A failure of pg as one of the family, in words that tell which door it is. SQLSTATEs: PostgreSQL documentation, appendix A
 * "PostgreSQL Error Codes".
 */
export function postgresFailure(error: unknown, at: PostgresAddress, doing: string): FieldlineError {
  if (error instanceof FieldlineError) return error;
  const address = `${at.host}:${at.port}`;
  const where = `PostgreSQL at ${address}`;
  const text = errorMessage(error);
  const make = (code: ConstructorParameters<typeof FieldlineError>[0], words: string, more?: FieldlineErrorOptions) =>
    new FieldlineError(code, words, { cause: error, ...more, details: { host: at.host, port: at.port } });
  const code = sqlState(error);
  switch (code) {
    case '28P01':
    case '28000':
      return make('AUTH_FAILED', `${where} refused the credentials of the user "${at.user}": ${text}`, {
        remedy: 'Check the user and its password, and pg_hba.conf of the server',
      });
    case '42501':
      return make('AUTH_FAILED', `${where}: the user "${at.user}" is not authorised: ${text}`, {
        remedy: `Allow it to create schemas in the database "${at.database}"`,
      });
    case '3D000':
      return make('UNAVAILABLE', `${where} has no database "${at.database}"`, { remedy: 'Create that database' });
    case '42P01':
    case '3F000':
      return make('NOT_FOUND', `${doing}: there is no such table on ${where}`);
    case '53100':
    case '53200':
      return make('DISK_FULL', `${doing}: ${where} has no room left: ${text}`);
    case '57014':
      return make('TIMEOUT', `${doing}: ${where} did not finish in time`);
    case '54000':
    case '22P05':
    case '22021':
      return make('REQUEST_INVALID', `${doing}: ${text}`);
  }
  if (SOCKET_ERROR.test(code)) {
    const reason = connectionError(error, new URL(`postgresql://${at.host}:${at.port}`));
    // Most reasons begin with the address, which is said already.
    const words = reason.message.startsWith(address) ? reason.message.slice(address.length) : `: ${reason.message}`;
    return make('UNAVAILABLE', `${where}${words}`, { remedy: reason.remedy });
  }
  if (LOST.test(text)) return make('UNAVAILABLE', `${where} can not be reached: ${text}`);
  // Classes of the server's own trouble: connections, resources, an operator's intervention, its system, serialization.
  if (/^(08|53|57|58|40|25)/.test(code)) return make('UNAVAILABLE', `${doing}: ${where} said: ${text}`);
  if (/does not support SSL/.test(text)) return make('UNAVAILABLE', `${where} does not speak TLS`);
  return make('PROTOCOL', `${doing}: ${where} said: ${text}`);
}

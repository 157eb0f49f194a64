import type { ConnectorStatus } from './client';

const WORDS_LENGTH_MAX = 400;
/** `org.apache.kafka.common.errors.TimeoutException: Call timed out`: who reads it knows no packages. */
const CLASS_NAME = /^(?:[\w$]+\.)+([\w$]+)(?:: (.*))?$/;

/** Why a connector does not work, from the first line of its stack trace and the last cause; null while it does. */
export function failureOf(status: ConnectorStatus, secrets: readonly string[]): string | null {
  const failed = [status.connector, ...status.tasks].find(({ state }) => state === 'FAILED');
  if (!failed) return null;
  const lines = (failed.trace ?? '').split('\n');
  const first = sentence(lines[0]!);
  const cause = lines.findLast((line) => line.startsWith('Caused by: '));
  const last = cause ? sentence(cause.slice('Caused by: '.length)) : '';
  const words = last && last !== first ? `${first}: ${last}` : first;
  return withoutSecrets(words || 'MirrorMaker failed, and Connect does not say why', secrets).slice(
    0,
    WORDS_LENGTH_MAX,
  );
}

function sentence(line: string): string {
  const match = CLASS_NAME.exec(line.trim());
  if (!match) return line.trim();
  return match[2] ? `${match[2]} (${match[1]})` : match[1]!;
}

/** Kafka hides passwords by itself; this holds even where it would not. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => (secret ? clean.replaceAll(secret, '…') : clean), text);
}

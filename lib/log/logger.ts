/** The one form of a process's log: a JSON line an event on stdout, for a person with a tool or a collector. */
import pino, { type DestinationStream, type Logger } from 'pino';
import { traceFields } from '@/lib/tracing';

/** Fields that hold secrets wherever they come from. Nobody should log them; this is for the day that somebody does. */
const SECRET_FIELDS = ['password', 'secret', 'token', 'authorization', 'cookie', 'clientSecret', 'secretAccessKey'];
const SECRET_PATHS = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** `time` (ISO 8601), `level` as a word, `component`, what it is `about`, `msg`; and `trace_id` in traced work. */
export function createLogger(
  component: string,
  options: { level?: string; about?: Record<string, string>; destination?: DestinationStream } = {},
): Logger {
  const { level = 'info', about = {}, destination } = options;
  return pino(
    {
      level,
      base: { component, ...about },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: traceFields,
      redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

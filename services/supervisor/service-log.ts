import type { LogLine } from '@/lib/api/schemas';
import type { Clock } from '@/lib/clock/clock';
import type { EventHub, LogLevel, ServiceLog } from '../contract';

/** Where the process's own log goes; pino's order of arguments. */
export interface LogSink {
  error(data: object, message: string): void;
  warn(data: object, message: string): void;
  info(data: object, message: string): void;
  debug(data: object, message: string): void;
}

const SEVERITY: Record<LogLevel, number> = { off: 0, error: 1, warn: 2, info: 3, debug: 4 };
/** A log line goes to browsers too. */
const MESSAGE_LENGTH_MAX = 2000;

/** The logger of one service at one site, behind the service's level switch, read anew for every line. */
export function createServiceLog(options: {
  site: string;
  service: string;
  level: () => LogLevel;
  sink: LogSink;
  events: EventHub;
  clock: Clock;
}): ServiceLog {
  const { site, service, sink, events, clock } = options;
  const write = (level: LogLine['level']) => (message: string, data?: Record<string, unknown>) => {
    if (SEVERITY[level] > SEVERITY[options.level()]) return;
    const text = message.slice(0, MESSAGE_LENGTH_MAX);
    sink[level]({ site, service, ...data }, text);
    events.publish('log', {
      at: new Date(clock.now()).toISOString(),
      site,
      service,
      level,
      message: text,
      ...(data ? { data } : {}),
    });
  };
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
}

import { createLogger } from '@/lib/log/logger';

/** Only failures that nobody foresaw: ordinary ones are answers, and say themselves what they are. */
const log = createLogger('web');

export function logFailure(error: unknown, request: Request): void {
  log.error({ err: error, method: request.method, path: new URL(request.url).pathname }, 'a call failed');
}

export function logStreamFailure(error: unknown): void {
  log.error({ err: error }, 'an event stream ended');
}

import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { ErrorCode } from '@/lib/errors';
import { createLogger } from '@/lib/log/logger';
import { peerOf } from '@/services/access/peer';

const log = createLogger('web');

/** Refusals written a minute: whoever knocks all day long shall not push everything else out of the log. */
const REFUSALS_PER_MINUTE = 60;
const refusals = new RateLimiterMemory({ points: REFUSALS_PER_MINUTE, duration: 60 });

/** A failure that nobody foresaw. */
export function logFailure(error: unknown, request: Request): void {
  log.error({ err: error, ...about(request) }, 'a call failed');
}

/** A call that was refused, to see what somebody tries; what changes something is in the audit log besides. */
export function logRefusal(code: ErrorCode, request: Request): void {
  refusals.consume('all').then(
    () => log.info({ code, ...about(request), from: peerOf(request.headers) }, 'a call was refused'),
    () => undefined,
  );
}

export function logStreamFailure(error: unknown): void {
  log.error({ err: error }, 'an event stream ended');
}

/** Without the query, which may hold the code of a sign-in. */
const about = ({ method, url }: Request) => ({ method, path: new URL(url).pathname });

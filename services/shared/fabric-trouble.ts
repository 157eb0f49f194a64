import { isFieldlineError } from '@/lib/errors';

/**
 * Trouble of the fabric (it is away, full, refuses who asks), for which no message and no asset is to blame. What was being done comes again:
 * a password that was changed, or a right that was taken back, is mended by a person, and nothing may be lost until then.
 */
export const isFabricTrouble = (error: unknown): boolean =>
  isFieldlineError(error) && (error.retriable || error.code === 'AUTH_FAILED' || error.code === 'FORBIDDEN');

import { createLogger } from '@/lib/log/logger';

/** Where the parts of the fabric write what an operator may have to know: state changes and trouble, not every request. */
export interface FabricLog {
  info(message: string, data?: Record<string, unknown>): void;
  warn(message: string, data?: Record<string, unknown>): void;
  error(message: string, data?: Record<string, unknown>): void;
}

/** One JSON line an event on stdout. Data given to it holds no secrets. */
export function createFabricLog(site: string): FabricLog {
  const logger = createLogger('fabric', { about: { site } });
  return {
    info: (message, data) => logger.info(data ?? {}, message),
    warn: (message, data) => logger.warn(data ?? {}, message),
    error: (message, data) => logger.error(data ?? {}, message),
  };
}

import type { FieldlineConfig } from '@/lib/config';
import { createLogger } from '@/lib/log/logger';
import type { LogSink } from '../supervisor';

/** The log of the services of this process. Data given to it holds no secrets. */
export const createProcessLog = ({ logLevel, mission }: FieldlineConfig): LogSink =>
  createLogger('services', { level: logLevel, about: { mission } });

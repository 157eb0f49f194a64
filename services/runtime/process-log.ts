import pino from 'pino';
import type { FieldlineConfig } from '@/lib/config';
import type { LogSink } from '../supervisor';

/** The process's log: one JSON line an event on stdout, for a person with a tool or a collector. Data given to it holds no secrets. */
export const createProcessLog = (config: FieldlineConfig): LogSink =>
  pino({ level: config.logLevel, base: { mission: config.mission } });

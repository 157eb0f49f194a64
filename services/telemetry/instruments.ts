/**
 * What is counted while it happens, for `/metrics`: calls and their durations, and how long pieces of work take. What something else keeps
 * count of already is read when Prometheus asks (services/operations/metrics).
 */
import { Counter, Histogram, Registry } from 'prom-client';

/** From a page's read to a call that waits for a fabric's time-out. */
const HTTP_BUCKETS_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** From a batch of one message to a large file over a slow line. */
const WORK_BUCKETS_SECONDS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800];

export interface Instruments {
  registry: Registry;
  httpRequests: Counter<'operation' | 'method' | 'status'>;
  httpDuration: Histogram<'operation'>;
  serviceWork: Histogram<'site' | 'service'>;
  rowChangesLost: Counter<'table'>;
}

/** Once a process. On globalThis: Next compiles several bundles, each with its own copy of this module. */
const KEY = Symbol.for('fieldline.instruments');
const holder = globalThis as { [KEY]?: Instruments };

export function instruments(): Instruments {
  holder[KEY] ??= create();
  return holder[KEY];
}

function create(): Instruments {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    httpRequests: new Counter({
      name: 'fieldline_http_requests_total',
      help: 'Calls answered, by operation (never by path) and status',
      labelNames: ['operation', 'method', 'status'],
      registers,
    }),
    httpDuration: new Histogram({
      name: 'fieldline_http_request_duration_seconds',
      help: 'From a call to the head of its answer',
      labelNames: ['operation'],
      buckets: HTTP_BUCKETS_SECONDS,
      registers,
    }),
    serviceWork: new Histogram({
      name: 'fieldline_service_work_duration_seconds',
      help: 'A piece of work of a service: a batch of messages, a download, a round that changed something',
      labelNames: ['site', 'service'],
      buckets: WORK_BUCKETS_SECONDS,
      registers,
    }),
    rowChangesLost: new Counter({
      name: 'fieldline_row_changes_lost_total',
      help: 'Tries of the services to change a row that somebody else changed first; each is made again on the row as it is then',
      labelNames: ['table'],
      registers,
    }),
  };
}

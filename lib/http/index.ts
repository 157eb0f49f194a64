export { HttpClient, IDLE_TIMEOUT_MS, SOCKETS_MAX, TOTAL_TIMEOUT_MS } from './client';
export { CERTIFICATE_WORDS, connectionError, hostPort, type UnreachableReason } from './errors';
export { TEXT_BYTES_MAX } from './response';
export type { HttpAuth, HttpClientOptions, HttpRequest, HttpResponse } from './types';

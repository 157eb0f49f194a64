import { endpoint, json } from '../../_lib/endpoint';

/** Answers without the runtime: a process that still starts is alive. */
export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: async () => json({ status: 'ok', reasons: [] }),
});

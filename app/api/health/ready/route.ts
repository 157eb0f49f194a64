import { readiness } from '@/services/operations/health';
import { getRuntime } from '@/services/runtime/global';
import { endpoint, json } from '../../_lib/endpoint';

/** Answers whoever asks, by whatever name: a probe of an orchestrator uses the machine's address. */
export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: async () => {
    const report = readiness(getRuntime);
    return json(report, report.status === 'ok' ? 200 : 503);
  },
});

import { getAccess } from '@/services/access/global';
import { readiness } from '@/services/operations/health';
import { getRuntime } from '@/services/runtime/global';
import { endpoint, json } from '../../_lib/endpoint';

/** Answers whoever asks, by whatever name: a probe of an orchestrator uses the machine's address. The reasons are for who may read. */
export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: async (request) => {
    const report = readiness(getRuntime);
    if (!(await isKnown(request))) report.reasons = [];
    return json(report, report.status === 'ok' ? 200 : 503);
  },
});

async function isKnown(request: Request): Promise<boolean> {
  const access = getAccess();
  if (!access?.isOn) return true;
  const caller = await access.identify(request).catch(() => null);
  return caller?.grants.read ?? false;
}

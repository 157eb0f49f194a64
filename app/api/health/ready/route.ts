import type { Identity } from '@/services/access/contract';
import { readiness } from '@/services/operations/health';
import { getRuntime } from '@/services/runtime/global';
import { endpoint, json } from '../../_lib/endpoint';
import { problemResponse } from '../../_lib/problem';
import { Visit } from '../../_lib/visit';

/** Without the figures of other calls: a probe that hears "not yet" is no failure of the API. Any identity learns yes or no. */
export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: async (request) => {
    const visit = new Visit(request, 'ready');
    try {
      await visit.admit();
    } catch (error) {
      return problemResponse(error, request, { headers: visit.headersFor(error) });
    }
    const report = readiness(getRuntime);
    if (!visit.caller || !mayKnowWhy(visit.caller)) report.reasons = [];
    return json(report, report.status === 'ok' ? 200 : 503);
  },
});

const mayKnowWhy = ({ grants, via }: Identity) => grants.read || via === 'probe';

import { isFieldlineError } from '@/lib/errors';
import { listSites } from '@/services/operations/sites';
import { getRuntime } from '@/services/runtime/global';

/** Whether the mission has such an edge, here or elsewhere; so that a page of an unknown one is a real 404. */
export async function isKnownEdge(id: string): Promise<boolean> {
  try {
    const runtime = getRuntime();
    if (runtime.sites.get(id)?.role === 'edge') return true;
    const { sites } = await listSites(runtime);
    return sites.some((site) => site.id === id && site.role === 'edge');
  } catch (error) {
    // While the services can not be asked, the page itself says so.
    if (isFieldlineError(error, 'UNAVAILABLE', 'TIMEOUT')) return true;
    throw error;
  }
}

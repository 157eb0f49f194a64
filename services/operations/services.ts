import type { Service } from '@/lib/api/schemas';
import type { DesiredState, ServiceId } from '@/lib/domain/services';
import { FieldlineError } from '@/lib/errors';
import type { LogLevel, Runtime } from '../contract';
import { assertNotMoving, siteOf } from './lookup';

/** The services of a site, in the order of the flow. Fails with NOT_FOUND. */
export function listServices(runtime: Runtime, site: string): { services: Service[] } {
  return { services: siteOf(runtime, site).supervisor.list() };
}

/** Fails with NOT_FOUND, also for a service of the other role. */
export function getService(runtime: Runtime, site: string, id: string): Service {
  const service = siteOf(runtime, site).supervisor.get(id);
  if (!service) throw new FieldlineError('NOT_FOUND', `Site "${site}" has no service "${id}"`);
  return service;
}

/** Sets the desired state (stored when this resolves, not reached) and the log level. Fails with NOT_FOUND, UNAVAILABLE. */
export async function setService(
  runtime: Runtime,
  site: string,
  id: ServiceId,
  update: { desired?: DesiredState; logLevel?: LogLevel },
): Promise<Service> {
  getService(runtime, site, id);
  assertNotMoving(runtime, site);
  const { supervisor } = siteOf(runtime, site);
  if (update.logLevel !== undefined) supervisor.setLogLevel(id, update.logLevel);
  if (update.desired !== undefined) await supervisor.setDesired(id, update.desired);
  return getService(runtime, site, id);
}

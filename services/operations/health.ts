import type { HealthReport } from '@/lib/api/schemas';
import type { Runtime } from '../contract';

/** Whether this process can be worked with, and why not. */
export function readiness(runtime: Runtime): HealthReport {
  const { ready, reasons } = runtime.health();
  return { status: ready ? 'ok' : 'unavailable', reasons };
}

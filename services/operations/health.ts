import type { HealthReport } from '@/lib/api/schemas';
import { errorMessage } from '@/lib/errors';
import type { Runtime } from '../contract';

/** Whether this process can be worked with, and why not; also while it has no runtime yet, or none any more. */
export function readiness(getRuntime: () => Runtime): HealthReport {
  try {
    const { ready, reasons } = getRuntime().health();
    return { status: ready ? 'ok' : 'unavailable', reasons };
  } catch (error) {
    return { status: 'unavailable', reasons: [errorMessage(error)] };
  }
}

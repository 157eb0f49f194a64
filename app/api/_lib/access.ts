import { FieldlineError } from '@/lib/errors';
import type { Access } from '@/services/access/access';
import { getAccess } from '@/services/access/global';

/** Access control of this process. Fails with UNAVAILABLE before it is started. */
export function openAccess(): Access {
  const access = getAccess();
  if (!access) throw new FieldlineError('UNAVAILABLE', 'This server is still starting');
  return access;
}

import { endSession } from '@/services/operations/access/admin';
import { openAccess } from '../../../_lib/access';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  DELETE: answer('endSession', async ({ caller, params, tell }) => {
    tell({ target: { name: await endSession(openAccess(), caller!, params.id) } });
    return new Response(null, { status: 204 });
  }),
});

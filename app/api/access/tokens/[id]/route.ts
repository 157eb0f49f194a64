import { revokeToken } from '@/services/operations/access/admin';
import { openAccess } from '../../../_lib/access';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  DELETE: answer('revokeToken', async ({ params, tell }) => {
    const token = await revokeToken(openAccess(), params.id);
    tell({ target: { name: token.name } });
    return token;
  }),
});

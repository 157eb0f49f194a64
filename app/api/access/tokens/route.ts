import { createToken, listTokens } from '@/services/operations/access/admin';
import { openAccess } from '../../_lib/access';
import { answer, endpoint } from '../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listTokens', () => ({ tokens: listTokens(openAccess()) })),
  POST: answer('createToken', async ({ caller, body, tell }) => {
    const created = await createToken(openAccess(), caller!, body);
    tell({ target: { id: created.id } });
    return created;
  }),
});

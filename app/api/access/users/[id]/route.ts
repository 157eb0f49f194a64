import { deleteUser, updateUser } from '@/services/operations/access/admin';
import { openAccess } from '../../../_lib/access';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  PUT: answer('updateUser', async ({ params, body, tell }) => {
    const user = await updateUser(openAccess(), params.id, body);
    tell({ target: { name: user.name, ...(body.password === undefined ? {} : { password: 'a new one' }) } });
    return user;
  }),
  DELETE: answer('deleteUser', async ({ params, tell }) => {
    tell({ target: { name: await deleteUser(openAccess(), params.id) } });
    return new Response(null, { status: 204 });
  }),
});

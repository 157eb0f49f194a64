import { createUser, listUsers } from '@/services/operations/access/admin';
import { openAccess } from '../../_lib/access';
import { answer, endpoint } from '../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listUsers', () => ({ users: listUsers(openAccess()) })),
  POST: answer('createUser', ({ body }) => createUser(openAccess(), body)),
});

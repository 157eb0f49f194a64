import { changePassword } from '@/services/operations/access/sign-in';
import { openAccess } from '../../_lib/access';
import { answer, endpoint } from '../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  PUT: answer('changePassword', async ({ request, caller, body, setCookie }) => {
    const { me, cookie } = await changePassword(openAccess(), request, caller!, body);
    setCookie(cookie);
    return me;
  }),
});

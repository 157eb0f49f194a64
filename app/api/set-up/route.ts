import { setUpAdmin } from '@/services/operations/access/sign-in';
import { openAccess } from '../_lib/access';
import { answer, endpoint } from '../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('setUp', async ({ request, body, tell, setCookie }) => {
    const { me, caller, cookie } = await setUpAdmin(openAccess(), request, body);
    tell({ who: caller });
    setCookie(cookie);
    return me;
  }),
});

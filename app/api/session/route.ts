import { getAccess } from '@/services/access/global';
import { signIn, signOut } from '@/services/operations/access/sign-in';
import { meOf } from '@/services/operations/access/views';
import { openAccess } from '../_lib/access';
import { answer, endpoint } from '../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('signIn', async ({ request, body, tell, setCookie }) => {
    const { me, caller, cookie } = await signIn(openAccess(), request, body);
    tell({ who: caller });
    setCookie(cookie);
    return me;
  }),
  GET: answer('getSession', ({ caller }) => meOf(getAccess(), caller!)),
  DELETE: answer('signOut', async ({ caller, setCookie }) => {
    setCookie(await signOut(openAccess(), caller!));
    return new Response(null, { status: 204 });
  }),
});

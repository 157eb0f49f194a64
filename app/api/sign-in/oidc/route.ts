import { beginOidc } from '@/services/operations/access/oidc';
import { openAccess } from '../../_lib/access';
import { answer, endpoint } from '../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('startOidc', async ({ query, setCookie }) => {
    const { url, cookie } = await beginOidc(openAccess(), query.next);
    setCookie(cookie);
    return new Response(null, { status: 303, headers: { location: url, 'cache-control': 'no-store' } });
  }),
});

import { finishOidc } from '@/services/operations/access/oidc';
import { openAccess } from '../../../_lib/access';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('finishOidc', async ({ request, tell, setCookie }) => {
    const { location, cookies, remark } = await finishOidc(openAccess(), request);
    tell(remark);
    for (const cookie of cookies) setCookie(cookie);
    return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
  }),
});

import { openContent } from '@/services/operations/content';
import { contentResponse, wishOf } from '../../../../../_lib/content';
import { answer, endpoint } from '../../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getContent', async ({ runtime, params, request }) =>
    contentResponse(await openContent(runtime, params.site, params.id, wishOf(request))),
  ),
});

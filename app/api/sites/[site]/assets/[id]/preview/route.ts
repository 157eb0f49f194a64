import { openPreview } from '@/services/operations/content';
import { contentResponse, wishOf } from '../../../../../_lib/content';
import { answer, endpoint } from '../../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getPreview', async ({ runtime, params, request }) =>
    contentResponse(await openPreview(runtime, params.site, params.id, wishOf(request))),
  ),
});

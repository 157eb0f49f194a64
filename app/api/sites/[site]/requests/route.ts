import { createRequests, listRequests } from '@/services/operations/requests';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listRequests', ({ runtime, params, query }) => listRequests(runtime, params.site, query)),
  POST: answer('createRequests', ({ runtime, params, body }) => createRequests(runtime, params.site, body.assetIds)),
});

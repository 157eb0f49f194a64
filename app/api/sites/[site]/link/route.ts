import { getLink, updateLink } from '@/services/operations/link';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getLink', ({ runtime, params }) => getLink(runtime, params.site)),
  PUT: answer('updateLink', ({ runtime, params, body }) => updateLink(runtime, params.site, body)),
});

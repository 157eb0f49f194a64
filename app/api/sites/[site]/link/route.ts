import { getLink, updateLink } from '@/services/operations/link';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getLink', ({ runtime, params }) => getLink(runtime, params.site)),
  PUT: answer('updateLink', ({ runtime, params, body, demand }) => {
    // The field may pause its own link; cutting or slowing the line is a demonstration's, and its operator's.
    if (body.conditions) demand('operator');
    return updateLink(runtime, params.site, body);
  }),
});

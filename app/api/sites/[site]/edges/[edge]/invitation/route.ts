import { inviteEdge } from '@/services/operations/edges';
import { answer, endpoint } from '../../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('inviteEdge', ({ runtime, params }) => inviteEdge(runtime, params.site, params.edge)),
});

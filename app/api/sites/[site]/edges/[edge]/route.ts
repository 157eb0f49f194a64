import { revokeEdge } from '@/services/operations/edges';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  DELETE: answer('revokeEdge', ({ runtime, params }) => revokeEdge(runtime, params.site, params.edge)),
});

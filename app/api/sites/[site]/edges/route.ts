import { listEdges } from '@/services/operations/edges';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listEdges', ({ runtime, params }) => listEdges(runtime, params.site)),
});

import { listDeadLetters } from '@/services/operations/dead-letters';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listDeadLetters', ({ runtime, params, query }) => listDeadLetters(runtime, params.site, query.limit)),
});

import { moveConnection } from '@/services/operations/connections';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('moveConnection', ({ runtime, params }) => moveConnection(runtime, params.site)),
});

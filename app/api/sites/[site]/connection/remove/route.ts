import { removeConnection } from '@/services/operations/connections';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('removeConnection', ({ runtime, params, body }) => removeConnection(runtime, params.site, body)),
});

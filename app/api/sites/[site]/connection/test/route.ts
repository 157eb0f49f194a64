import { testConnection } from '@/services/operations/connections';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('testConnection', ({ runtime, params, body }) => testConnection(runtime, params.site, body.target)),
});

import { redraftConnection } from '@/services/operations/connections';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('redraftConnection', ({ runtime, params, body }) => redraftConnection(runtime, params.site, body)),
});

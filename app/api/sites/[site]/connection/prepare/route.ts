import { prepareConnection } from '@/services/operations/connections';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('prepareConnection', ({ runtime, params }) => prepareConnection(runtime, params.site)),
});

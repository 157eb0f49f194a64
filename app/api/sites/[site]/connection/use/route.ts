import { useConnection } from '@/services/operations/connections';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('useConnection', ({ runtime, params }) => useConnection(runtime, params.site)),
});

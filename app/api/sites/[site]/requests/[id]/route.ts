import { cancelRequest } from '@/services/operations/requests';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  DELETE: answer('cancelRequest', ({ runtime, params }) => cancelRequest(runtime, params.site, params.id)),
});

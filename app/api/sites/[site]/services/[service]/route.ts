import { getService, setService } from '@/services/operations/services';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getService', ({ runtime, params }) => getService(runtime, params.site, params.service)),
  PUT: answer('updateService', ({ runtime, params, body }) => setService(runtime, params.site, params.service, body)),
});

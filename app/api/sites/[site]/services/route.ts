import { listServices } from '@/services/operations/services';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listServices', ({ runtime, params }) => listServices(runtime, params.site)),
});

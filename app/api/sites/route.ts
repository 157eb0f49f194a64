import { listSites } from '@/services/operations/sites';
import { answer, endpoint } from '../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listSites', ({ runtime }) => listSites(runtime)),
});

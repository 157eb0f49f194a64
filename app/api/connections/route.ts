import { listConnections } from '@/services/operations/connections';
import { answer, endpoint } from '../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listConnections', ({ runtime }) => listConnections(runtime)),
});

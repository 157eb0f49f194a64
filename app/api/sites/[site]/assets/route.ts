import { listAssets } from '@/services/operations/assets';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listAssets', ({ runtime, params, query }) => listAssets(runtime, params.site, query)),
});

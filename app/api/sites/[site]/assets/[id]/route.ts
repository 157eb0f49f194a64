import { getAsset } from '@/services/operations/assets';
import { answer, endpoint } from '../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getAsset', ({ runtime, params }) => getAsset(runtime, params.site, params.id)),
});

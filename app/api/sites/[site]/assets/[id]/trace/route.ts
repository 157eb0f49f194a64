import { getAssetTrace } from '@/services/operations/trace';
import { answer, endpoint } from '../../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getAssetTrace', ({ runtime, params }) => getAssetTrace(runtime, params.site, params.id)),
});

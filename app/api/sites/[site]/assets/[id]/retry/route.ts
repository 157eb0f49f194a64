import { retryAsset } from '@/services/operations/retry';
import { answer, endpoint } from '../../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('retryAsset', ({ runtime, params }) => retryAsset(runtime, params.site, params.id)),
});

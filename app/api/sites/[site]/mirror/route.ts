import { getMirror, startMirror, stopMirror } from '@/services/operations/mirror';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getMirror', ({ runtime, params, query }) =>
    getMirror(runtime, params.site, { refresh: query.refresh === 'true' }),
  ),
  POST: answer('startMirror', ({ runtime, params }) => startMirror(runtime, params.site)),
  DELETE: answer('stopMirror', ({ runtime, params }) => stopMirror(runtime, params.site)),
});

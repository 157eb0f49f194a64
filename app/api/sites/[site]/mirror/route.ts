import { getMirror, startMirror, stopMirror } from '@/services/operations/mirror';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getMirror', ({ runtime, params, query, demand }) => {
    const refresh = query.refresh === 'true';
    // It spends what the field pays for.
    if (refresh) demand('field');
    return getMirror(runtime, params.site, { refresh });
  }),
  POST: answer('startMirror', ({ runtime, params }) => startMirror(runtime, params.site)),
  DELETE: answer('stopMirror', ({ runtime, params }) => stopMirror(runtime, params.site)),
});

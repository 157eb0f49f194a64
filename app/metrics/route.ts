import { renderMetrics } from '@/services/operations/metrics';
import { answer, endpoint } from '../api/_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('metrics', async ({ runtime, request }) => {
    const { contentType, text } = await renderMetrics(runtime, request.headers.get('accept'));
    return new Response(text, {
      headers: { 'content-type': contentType, 'cache-control': 'no-store', vary: 'accept' },
    });
  }),
});

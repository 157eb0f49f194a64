import { resendDeadLetter } from '@/services/operations/dead-letters';
import { answer, endpoint } from '../../../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  POST: answer('resendDeadLetter', ({ runtime, params }) => resendDeadLetter(runtime, params.site, params.id)),
});

import { enrol, getEnrolment } from '@/services/operations/enrolment';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getEnrolment', ({ runtime, params }) => getEnrolment(runtime, params.site)),
  POST: answer('enrol', ({ runtime, params, body }) => enrol(runtime, params.site, body.token)),
});

import { z } from 'zod';

/** A row of a site's table `services`: what the operator wants; `_id` is the service id. */
export const ServiceStateRow = z.object({
  _id: z.string(),
  desired: z.enum(['running', 'stopped']),
  updatedAt: z.iso.datetime(),
});
export type ServiceStateRow = z.infer<typeof ServiceStateRow>;

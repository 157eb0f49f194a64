import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import { ConfigSchema, type FieldlineConfig } from './schema';

/** Checks raw settings. `origin` is named in the error. */
export function parseConfig(raw: unknown, origin: string): FieldlineConfig {
  const parsed = ConfigSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues
    .map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
    .join('; ');
  throw new FieldlineError('CONFIG_INVALID', `The configuration in ${origin} is not valid: ${where}`, {
    cause: new z.ZodError(parsed.error.issues),
  });
}

import { z } from 'zod';
import { JsonFeedSchema } from './json-form';

/** The documented JSON form as a JSON Schema, for whoever writes a feed. Published as docs/feed.schema.json. */
export function feedJsonSchema(): object {
  return z.toJSONSchema(JsonFeedSchema, { io: 'input', unrepresentable: 'any' });
}

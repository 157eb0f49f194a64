/** The bodies that clients send to consumer instances. */
import { z } from 'zod';
import { refusal } from '../errors';

/** Confluent's proxy takes these as strings; true booleans are taken too. */
const flag = z.union([z.boolean(), z.enum(['true', 'false'])]).transform((value) => value === true || value === 'true');
const partition = z.number().int().nonnegative();
const topicPartition = z.object({ topic: z.string().min(1), partition });

const CreateSchema = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'letters, digits, dots, dashes and underscores, at most 200')
    .optional(),
  format: z.enum(['binary', 'json']).default('binary'),
  'auto.offset.reset': z.enum(['earliest', 'latest']).default('latest'),
  'auto.commit.enable': flag.default(true),
});
const SubscriptionSchema = z.union([
  z.object({ topics: z.array(z.string().min(1)).min(1).max(1000), topic_pattern: z.undefined().optional() }),
  z.object({ topic_pattern: z.string().min(1).max(500), topics: z.undefined().optional() }),
]);
const PartitionsSchema = z.object({ partitions: z.array(topicPartition).max(1000) });
const OffsetsSchema = z.object({
  offsets: z
    .array(topicPartition.extend({ offset: z.number().int().nonnegative(), metadata: z.string().nullish() }))
    .max(1000),
});

export const CreateBody = { schema: CreateSchema, refusal: 'consumerConfig' } as const;
export const SubscriptionBody = { schema: SubscriptionSchema, refusal: 'invalid' } as const;
export const PartitionsBody = { schema: PartitionsSchema, refusal: 'invalid' } as const;
export const OffsetsBody = { schema: OffsetsSchema, refusal: 'invalid' } as const;

/** Parses a body's text; nothing at all counts as `{}`. Fails with the body's own refusal. */
export function parseBody<T>(body: { schema: z.ZodType<T>; refusal: 'consumerConfig' | 'invalid' }, text: string): T {
  let raw: unknown;
  try {
    raw = text.trim() === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw refusal('invalid', `The body is not JSON: ${(cause as Error).message}`);
  }
  const parsed = body.schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw refusal(body.refusal, `The body is not understood: ${z.prettifyError(parsed.error)}`);
}

/** Which topics of a stream a direction of a link carries: names, or patterns with `*` for any run of characters. */
import { FieldlineError } from '@/lib/errors';

const PATTERN = /^[A-Za-z0-9._*-]{1,249}$/;
const PATTERNS_MAX = 64;

/** Parses a comma-separated list. Fails with REQUEST_INVALID. */
export function parsePatterns(text: string): string[] {
  const patterns = text
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
  for (const pattern of patterns)
    if (!PATTERN.test(pattern)) throw new FieldlineError('REQUEST_INVALID', `"${pattern}" is no topic name or pattern`);
  if (patterns.length > PATTERNS_MAX)
    throw new FieldlineError('REQUEST_INVALID', `More than ${PATTERNS_MAX} topic patterns`);
  return patterns;
}

export const isExact = (pattern: string) => !pattern.includes('*');

export function matches(patterns: readonly string[], topic: string): boolean {
  return patterns.some((pattern) => {
    if (isExact(pattern)) return pattern === topic;
    const [head, ...rest] = pattern.split('*');
    if (!topic.startsWith(head!)) return false;
    // Each part in turn at its first place, the last one at the end: linear, whatever the pattern.
    let at = head!.length;
    const tail = rest.pop()!;
    for (const part of rest) {
      const found = topic.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return topic.length - tail.length >= at && topic.endsWith(tail);
  });
}

/** The Kafka names of a stream's topics begin with this: `/missionx/replicated` is `missionx.replicated.`. */
export function topicPrefix(streamPath: string): string {
  return `${streamPath.replace(/^\/+/, '').replaceAll('/', '.')}.`;
}

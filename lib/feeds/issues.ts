import type { z } from 'zod';

/** What a schema found wrong, in words: `place.lat: Too big: expected number to be <=90; title: ...`. */
export function describeIssues(error: z.ZodError, root = 'the whole'): string {
  const listed = error.issues
    .slice(0, ISSUES_SHOWN_MAX)
    .map((issue) => `${issue.path.join('.') || root}: ${issue.message}`);
  const more = error.issues.length - listed.length;
  return more > 0 ? `${listed.join('; ')}; and ${more} more` : listed.join('; ');
}
/** The first few are enough to begin with, and an error must stay readable. */
const ISSUES_SHOWN_MAX = 5;

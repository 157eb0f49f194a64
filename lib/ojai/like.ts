import { FieldlineError } from '@/lib/errors';

const PATTERN_LENGTH_MAX = 1000;

/** One code point, `_` as any one, `%` as any run. */
export type LikeToken =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'run' };

/** Parses a LIKE pattern: `%` any run, `_` any one character, `escapeChar` before a wildcard or itself makes it plain. Fails with CONDITION_INVALID. */
export function parseLike(pattern: string, escapeChar: string | undefined): LikeToken[] {
  if (pattern.length > PATTERN_LENGTH_MAX)
    throw new FieldlineError('CONDITION_INVALID', `A $like pattern has at most ${PATTERN_LENGTH_MAX} characters`);
  const tokens: LikeToken[] = [];
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    let char = characters[at]!;
    if (char === escapeChar) {
      char = characters[++at] ?? '';
      if (char !== '%' && char !== '_' && char !== escapeChar)
        throw new FieldlineError(
          'CONDITION_INVALID',
          `$like: the escape character ${escapeChar} stands before %, _ or itself only`,
        );
      tokens.push({ kind: 'char', char });
    } else if (char === '_') tokens.push({ kind: 'one' });
    else if (char === '%') {
      if (tokens.at(-1)?.kind !== 'run') tokens.push({ kind: 'run' });
    } else tokens.push({ kind: 'char', char });
  }
  return tokens;
}

/** Whether the whole text fits. Only the last run is ever widened, so the time is at most pattern length times text length. */
export function matchesLike(text: string, tokens: readonly LikeToken[]): boolean {
  const characters = [...text];
  let at = 0;
  let token = 0;
  let runToken = -1;
  let runAt = 0;
  while (at < characters.length) {
    const expected = tokens[token];
    if (expected?.kind === 'run') {
      runToken = token++;
      runAt = at;
    } else if (expected && (expected.kind === 'one' || expected.char === characters[at])) {
      token++;
      at++;
    } else if (runToken >= 0) {
      token = runToken + 1;
      at = ++runAt;
    } else return false;
  }
  while (tokens[token]?.kind === 'run') token++;
  return token === tokens.length;
}

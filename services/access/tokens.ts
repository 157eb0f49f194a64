/** API tokens of machines, in `<dataDir>/access/tokens.json`. A token is `fieldline_<id>_<secret>`; only its digest is kept. */
import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import type { RecordFile } from './record-file';
import { digestOf, isSecretOf, newSecret } from './secrets';

const TOKENS_MAX = 1000;
const ID_BYTES = 9;
/** When a token was last used is kept to the minute, in memory: it is not worth a write. */
const FORM = /^fieldline_([A-Za-z0-9_-]{12})_([A-Za-z0-9_-]{43})$/;
/** So that whoever finds one knows what it is, and scanners for secrets too. */
export const TOKEN_PREFIX = 'fieldline_';

export const TokenRecord = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  digest: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
  /** Null: until it is revoked. */
  expiresAt: z.number().nullable(),
});
export type Token = z.infer<typeof TokenRecord>;

export class Tokens {
  readonly #usedAt = new Map<string, number>();

  constructor(
    readonly file: RecordFile<Token>,
    readonly now: () => number,
  ) {}

  /** Those that still can be used, and when they last were since the process started. */
  list(): (Token & { usedAt: number | null })[] {
    return this.file.records.map((token) => ({ ...token, usedAt: this.#usedAt.get(token.id) ?? null }));
  }

  /** The token is told once, here. Fails with CONFLICT when there are too many. */
  async add(
    token: Pick<Token, 'name' | 'scopes' | 'expiresAt' | 'createdBy'>,
  ): Promise<{ token: Token; secret: string }> {
    const secret = newSecret();
    const record: Token = { ...token, id: newSecret(ID_BYTES), digest: digestOf(secret), createdAt: this.now() };
    await this.file.update((tokens) => {
      const kept = tokens.filter((other) => !isOver(other, this.now()));
      if (kept.length >= TOKENS_MAX) throw new FieldlineError('CONFLICT', `There are ${TOKENS_MAX} tokens already`);
      return { records: [...kept, record], result: undefined };
    });
    return { token: record, secret: `${TOKEN_PREFIX}${record.id}_${secret}` };
  }

  /** Fails with NOT_FOUND. */
  revoke(id: string): Promise<Token> {
    return this.file.update((tokens) => {
      const token = tokens.find((other) => other.id === id);
      if (!token) throw new FieldlineError('NOT_FOUND', 'There is no such token');
      return { records: tokens.filter((other) => other.id !== id), result: token };
    });
  }

  /** The token that this text is, unless it is unknown, wrong or over. */
  verify(text: string): Token | null {
    const [, id, secret] = FORM.exec(text) ?? [];
    const token = id && this.byId(id);
    if (!token || !isSecretOf(secret!, token.digest)) return null;
    this.#usedAt.set(token.id, this.now());
    return token;
  }

  /** Undefined when it is over. */
  byId(id: string): Token | undefined {
    return this.file.records.find((token) => token.id === id && !isOver(token, this.now()));
  }
}

const isOver = ({ expiresAt }: Token, now: number) => expiresAt !== null && expiresAt <= now;

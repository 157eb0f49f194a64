/** Passwords of local users: what is accepted, and how they are kept (NIST SP 800-63B, 5.1.1; OWASP Password Storage Cheat Sheet). */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { FieldlineError } from '@/lib/errors';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** Characters. No rule of composition: length is what counts. */
export const PASSWORD_LENGTH_MIN = 12;
/** Long enough for any sentence; a longer one would only keep the processor busy. */
export const PASSWORD_LENGTH_MAX = 256;

/** OWASP's scrypt settings of least memory, 32 MiB a call: an edge is a small machine. Kept with each hash, so that they can rise. */
const COST = { ln: 15, r: 8, p: 3 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Derivations at once, and waiting: 64 MiB at most, and nobody waits for more than some seconds. */
const DERIVATIONS_MAX = 2;
const WAITING_MAX = 20;
/** Parameters that somebody may have written into the file by hand stay within memory. */
const LN_MAX = 17;

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/=]{16,64})\$([A-Za-z0-9+/=]{32,128})$/;
/** The first that guessers try, among those of sufficient length. */
const COMMON =
  /^(?:(.)\1*|(?:password|passwort|fieldline|administrator|qwertyuiop|qwertzuiop|letmein|iloveyou|welcome|changeme)[\d!?.@#$_-]*|(?:0?123456789\d*|abcdefghijkl\w*|1q2w3e4r5t\w*|(?:password){2,}|(?:fieldline){2,}|(?:1234){3,}))$/i;

/** Why a password can not be taken, as a sentence; null when it can. */
export function passwordRefusal(password: string, name: string): string | null {
  const length = [...password].length;
  if (length < PASSWORD_LENGTH_MIN) return `It needs at least ${PASSWORD_LENGTH_MIN} characters`;
  if (length > PASSWORD_LENGTH_MAX) return `It has more than ${PASSWORD_LENGTH_MAX} characters`;
  if (COMMON.test(password)) return 'It is among the first that are guessed';
  if (name.length > 3 && password.toLowerCase().includes(name.toLowerCase())) return 'It contains the name of the user';
  return null;
}

let running = 0;
const waiting: (() => void)[] = [];

/** One of DERIVATIONS_MAX turns. Fails with RATE_LIMITED when too many wait already. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= DERIVATIONS_MAX) {
    if (waiting.length >= WAITING_MAX)
      throw new FieldlineError('RATE_LIMITED', 'Too many sign in at once', { remedy: 'Try again in a moment' });
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

const keyOf = (password: string, salt: Buffer, { ln, r, p }: typeof COST, bytes = KEY_BYTES) =>
  // Different ways to write the same letters are the same password.
  inTurn(() => derive(password.normalize('NFKC'), salt, bytes, { N: 2 ** ln, r, p, maxmem: 2 ** ln * r * 256 }));

/** A new hash with its parameters and salt, as text. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await keyOf(password, salt, COST);
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${salt.toString('base64')}$${key.toString('base64')}`;
}

/** A hash of nothing, so that a name nobody has takes as long as one that somebody has. */
const NOBODY = `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${Buffer.alloc(SALT_BYTES).toString('base64')}$${Buffer.alloc(KEY_BYTES).toString('base64')}`;

/** Compares; `stored` null (no such user) takes the same time and is never right. `outdated`: made with other parameters than today's. */
export async function checkPassword(
  password: string,
  stored: string | null,
): Promise<{ right: boolean; outdated: boolean }> {
  const match = FORM.exec(stored ?? NOBODY);
  const wrong = { right: false, outdated: false };
  if (!match || password.length > PASSWORD_LENGTH_MAX * 2) return wrong;
  const cost = { ln: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  if (cost.ln > LN_MAX) return wrong;
  const expected = Buffer.from(match[5]!, 'base64');
  const key = await keyOf(password, Buffer.from(match[4]!, 'base64'), cost, expected.length);
  if (!timingSafeEqual(key, expected) || stored === null) return wrong;
  return { right: true, outdated: cost.ln !== COST.ln || cost.r !== COST.r || cost.p !== COST.p };
}

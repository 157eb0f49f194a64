/**
 * SCRAM as Kafka has it (RFC 5802, RFC 7677; names and passwords are UTF-8 as they are, without SASLprep, as Apache Kafka takes them).
 * No channel binding: TLS below is the channel.
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { FieldlineError } from '@/lib/errors';

const derive = promisify(pbkdf2);

export const SCRAM_MECHANISMS = ['scram-sha-256', 'scram-sha-512'] as const;
export type ScramMechanism = (typeof SCRAM_MECHANISMS)[number];

const HASH = {
  'scram-sha-256': { name: 'sha256', bytes: 32 },
  'scram-sha-512': { name: 'sha512', bytes: 64 },
} as const;
/** RFC 7677 asks for at least this many; Kafka refuses fewer. */
export const ITERATIONS_MIN = 4096;
/** A server that asks for more wants to keep this side busy. */
const ITERATIONS_MAX = 1_000_000;
const SALT_BYTES = 24;
const NONCE_BYTES = 24;
/** A message of the exchange is some hundred bytes. */
const MESSAGE_BYTES_MAX = 4096;
/** No channel binding, no other identity (`n,,`), in base64. */
const CHANNEL_BINDING = 'biws';

/** What a server keeps instead of a password (RFC 5802 section 3): it proves nothing to another server. Binary parts in base64. */
export interface ScramVerifier {
  salt: string;
  iterations: number;
  storedKey: string;
  serverKey: string;
}
export type ScramVerifiers = Record<ScramMechanism, ScramVerifier>;

const hmac = (mechanism: ScramMechanism, key: Buffer, text: string) =>
  createHmac(HASH[mechanism].name, key).update(text).digest();
const hash = (mechanism: ScramMechanism, data: Buffer) => createHash(HASH[mechanism].name).update(data).digest();
const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, index) => byte ^ b[index]!));
const salted = (mechanism: ScramMechanism, password: string, salt: Buffer, iterations: number) =>
  derive(Buffer.from(password, 'utf8'), salt, iterations, HASH[mechanism].bytes, HASH[mechanism].name);

/** The verifier of a password, with a salt of its own. */
export async function makeVerifier(
  mechanism: ScramMechanism,
  password: string,
  { salt = randomBytes(SALT_BYTES), iterations = ITERATIONS_MIN } = {},
): Promise<ScramVerifier> {
  const key = await salted(mechanism, password, salt, iterations);
  return {
    salt: salt.toString('base64'),
    iterations,
    storedKey: hash(mechanism, hmac(mechanism, key, 'Client Key')).toString('base64'),
    serverKey: hmac(mechanism, key, 'Server Key').toString('base64'),
  };
}

/** The verifiers of a password for every mechanism. */
export async function makeVerifiers(password: string): Promise<ScramVerifiers> {
  const [sha256, sha512] = await Promise.all(SCRAM_MECHANISMS.map((mechanism) => makeVerifier(mechanism, password)));
  return { 'scram-sha-256': sha256!, 'scram-sha-512': sha512! };
}

/** Whether a password that was sent as it is (PLAIN, Basic) is the one of the verifier. */
export async function matchesVerifier(
  mechanism: ScramMechanism,
  verifier: ScramVerifier,
  password: string,
): Promise<boolean> {
  const key = await salted(mechanism, password, Buffer.from(verifier.salt, 'base64'), verifier.iterations);
  const storedKey = hash(mechanism, hmac(mechanism, key, 'Client Key'));
  return timingSafeEqual(storedKey, Buffer.from(verifier.storedKey, 'base64'));
}

/** The client's half of one exchange: `first`, `answer` to the server's first message, `finish` with its last. */
export class ScramClient {
  readonly #nonce = randomBytes(NONCE_BYTES).toString('base64');
  readonly #first: string;
  #serverSignature: Buffer | null = null;

  constructor(
    readonly mechanism: ScramMechanism,
    username: string,
    readonly password: string,
  ) {
    this.#first = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${this.#nonce}`;
  }

  first(): Buffer {
    return Buffer.from(`n,,${this.#first}`);
  }

  /** Fails with PROTOCOL on a message that is none of this exchange. */
  async answer(serverFirst: Buffer): Promise<Buffer> {
    const text = textOf(serverFirst);
    const { r: nonce, s: salt, i } = attributes(text);
    const iterations = Number(i);
    if (!nonce?.startsWith(this.#nonce) || nonce.length === this.#nonce.length || !salt)
      throw broken('the nonce or the salt is missing');
    if (!Number.isInteger(iterations) || iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX)
      throw broken(`${i} iterations are asked for`);
    const final = `c=${CHANNEL_BINDING},r=${nonce}`;
    const signed = `${this.#first},${text},${final}`;
    const key = await salted(this.mechanism, this.password, Buffer.from(salt, 'base64'), iterations);
    const clientKey = hmac(this.mechanism, key, 'Client Key');
    const proof = xor(clientKey, hmac(this.mechanism, hash(this.mechanism, clientKey), signed));
    this.#serverSignature = hmac(this.mechanism, hmac(this.mechanism, key, 'Server Key'), signed);
    return Buffer.from(`${final},p=${proof.toString('base64')}`);
  }

  /** Fails with AUTH_FAILED when the server does not know the credential either, with PROTOCOL on anything else than its last message. */
  finish(serverFinal: Buffer): void {
    const { e: problem, v: signature } = attributes(textOf(serverFinal));
    if (problem !== undefined) throw new FieldlineError('AUTH_FAILED', 'The credentials were not accepted');
    if (!this.#serverSignature || !signature || !equal(Buffer.from(signature, 'base64'), this.#serverSignature))
      throw new FieldlineError('AUTH_FAILED', 'The server could not prove that it knows this credential', {
        remedy: 'Make sure that this is the server that it should be',
      });
  }
}

/** The server's half of one exchange: `first` answers the client's first message, `final` its last. */
export class ScramServer {
  readonly #nonce = randomBytes(NONCE_BYTES).toString('base64');
  #username: string | null = null;
  #clientFirst = '';
  #serverFirst = '';
  #verifier: ScramVerifier | null = null;

  /**
   * `verifierOf`: of a name; for a name that nobody has it gives a verifier that nobody knows, so that the exchange does not tell which
   * names there are.
   */
  constructor(
    readonly mechanism: ScramMechanism,
    readonly verifierOf: (username: string) => ScramVerifier,
  ) {}

  /** As the client named itself; null before its first message. Proven only once `final` has not failed. */
  get username(): string | null {
    return this.#username;
  }

  /** Fails with PROTOCOL on a message that is none of this exchange. */
  first(clientFirst: Buffer): Buffer {
    // gs2 header: no channel binding (`n`, or `y`: the client would, but saw no offer), perhaps an identity, which has to be the name's.
    const match = /^([ny]),(?:a=([^,]*))?,((?:m=[^,]*,)?n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s.exec(
      textOf(clientFirst),
    );
    if (!match || match[3]!.startsWith('m=')) throw broken('the first message');
    const username = match[4]!.replaceAll('=2C', ',').replaceAll('=3D', '=');
    if (match[2] && match[2] !== match[4]) throw broken('another identity is asked for');
    this.#username = username;
    this.#clientFirst = match[3]!;
    this.#verifier = this.verifierOf(username);
    this.#serverFirst = `r=${match[5]}${this.#nonce},s=${this.#verifier.salt},i=${this.#verifier.iterations}`;
    return Buffer.from(this.#serverFirst);
  }

  /** The last message, which proves this server to the client. Fails with AUTH_FAILED when the client does not know the password. */
  final(clientFinal: Buffer): Buffer {
    const text = textOf(clientFinal);
    const match = /^(c=([^,]*),r=([^,]*)(?:,[^p].*)?),p=([A-Za-z0-9+/=]+)$/s.exec(text);
    // As Apache Kafka checks it: librdkafka before 2.2 puts its own nonce in front once more. Ours is what makes the exchange fresh.
    if (!match || !this.#verifier || !match[3]!.endsWith(this.#nonce)) throw broken('the last message');
    const header = Buffer.from(match[2]!, 'base64').toString('utf8');
    if (!/^[ny],(a=[^,]*)?,$/.test(header)) throw broken('the channel binding');
    const storedKey = Buffer.from(this.#verifier.storedKey, 'base64');
    const signed = `${this.#clientFirst},${this.#serverFirst},${match[1]}`;
    const proof = Buffer.from(match[4]!, 'base64');
    if (proof.length !== storedKey.length) throw refused();
    const clientKey = xor(proof, hmac(this.mechanism, storedKey, signed));
    if (!equal(hash(this.mechanism, clientKey), storedKey)) throw refused();
    const signature = hmac(this.mechanism, Buffer.from(this.#verifier.serverKey, 'base64'), signed);
    return Buffer.from(`v=${signature.toString('base64')}`);
  }
}

/** The attributes of a message, by their letter; the first of each counts. */
function attributes(text: string): Record<string, string | undefined> {
  const found: Record<string, string> = {};
  for (const part of text.split(',')) if (/^[a-z]=/.test(part)) found[part[0]!] ??= part.slice(2);
  return found;
}

function textOf(message: Buffer): string {
  if (message.length > MESSAGE_BYTES_MAX) throw broken('a message is too long');
  return message.toString('utf8');
}

const equal = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);
const broken = (what: string) => new FieldlineError('PROTOCOL', `This is no SCRAM exchange: ${what}`);
const refused = () => new FieldlineError('AUTH_FAILED', 'The credentials were not accepted');

/** Who is at the other end of one Kafka connection: SASL on the wire (KIP-152), with PLAIN and SCRAM. */
import { errorMessage, FieldlineError, isFieldlineError } from '@/lib/errors';
import { SCRAM_MECHANISMS, ScramServer } from '@/lib/sasl/scram';
import type { Attempt, FabricAccess } from '../../access/access';
import { ANYONE, type Principal } from '../../access/principal';
import { FRAME_SIZE_BYTES, KAFKA_ERROR, type RequestOf, type ResponseInput } from '../codec';

const NO_BYTES = Buffer.alloc(0);
const PLAIN_BYTES_MAX = 4096;

type Exchange = { mechanism: 'plain' } | { mechanism: 'scram'; server: ScramServer; started: boolean };
type Answer = ResponseInput<'SaslAuthenticate'>;

export interface SessionParts {
  /** Null: the door is open to everybody. */
  access: FabricAccess | null;
  address: string;
  /** A password is taken as it is only where nobody else can read it. */
  isEncrypted: boolean;
  /** Ends the connection, after what was answered. */
  end: () => void;
}

export class Session {
  readonly #parts: SessionParts;
  readonly #attempt: Attempt;
  #principal: Principal | null;
  #exchange: Exchange | null = null;
  /** Since a handshake of version 0: what follows are the mechanism's messages alone, without headers (before KIP-152). */
  #isBare = false;
  #stopListening: () => void = () => undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#attempt = { address: parts.address, door: 'kafka' };
    this.#principal = parts.access === null ? ANYONE : null;
  }

  /** Null until it has signed in. */
  get principal(): Principal | null {
    return this.#principal;
  }

  /** Audits what the principal may not do. */
  denied(what: string): void {
    if (this.#principal) this.#parts.access?.denied(this.#principal, this.#attempt, what);
  }

  /** The next frame is a bare message, for `authenticateBare`. */
  get isBare(): boolean {
    return this.#isBare;
  }

  handshake({ mechanism }: RequestOf<'SaslHandshake'>, apiVersion: number): ResponseInput<'SaslHandshake'> {
    const { access, isEncrypted } = this.#parts;
    // Where nobody is asked, a client that insists on signing in is told so at once.
    const offered = access === null ? [] : [...(isEncrypted ? ['plain'] : []), ...SCRAM_MECHANISMS];
    const asked = offered.find((name) => name.toUpperCase() === mechanism);
    this.#exchange = null;
    const mechanisms = offered.map((name) => name.toUpperCase());
    if (asked === undefined) return { errorCode: KAFKA_ERROR.UNSUPPORTED_SASL_MECHANISM, mechanisms };
    this.#isBare = apiVersion === 0;
    const scram = SCRAM_MECHANISMS.find((name) => name === asked);
    this.#exchange =
      scram && access
        ? {
            mechanism: 'scram',
            server: new ScramServer(scram, (username) => access.verifierOf(scram, username)),
            started: false,
          }
        : { mechanism: 'plain' };
    return { errorCode: KAFKA_ERROR.NONE, mechanisms };
  }

  async authenticate({ authBytes }: RequestOf<'SaslAuthenticate'>): Promise<Answer> {
    const { access } = this.#parts;
    const exchange = this.#exchange;
    if (!exchange || !access)
      return {
        errorCode: KAFKA_ERROR.ILLEGAL_SASL_STATE,
        errorMessage:
          access === null
            ? 'This fabric asks for no credentials: connect with the security protocol PLAINTEXT'
            : 'A handshake that names the mechanism comes first',
        authBytes: NO_BYTES,
      };
    try {
      return {
        errorCode: KAFKA_ERROR.NONE,
        errorMessage: null,
        authBytes: await this.#step(access, exchange, authBytes),
      };
    } catch (error) {
      this.#exchange = null;
      this.#parts.end();
      // What is no exchange at all says nothing about a name.
      const message = isFieldlineError(error, 'AUTH_FAILED', 'UNAVAILABLE', 'PROTOCOL')
        ? error.message
        : `Signing in failed: ${errorMessage(error)}`;
      return { errorCode: KAFKA_ERROR.SASL_AUTHENTICATION_FAILED, errorMessage: message, authBytes: NO_BYTES };
    }
  }

  /** A bare message and its bare answer. Fails with PROTOCOL when signing in fails: such a client is told so by the end of its connection. */
  async authenticateBare(message: Buffer): Promise<Buffer[]> {
    const { errorCode, errorMessage: reason, authBytes } = await this.authenticate({ authBytes: message });
    if (errorCode !== KAFKA_ERROR.NONE) throw new FieldlineError('PROTOCOL', reason ?? 'Signing in failed');
    this.#isBare = this.#exchange !== null;
    const answer = Buffer.isBuffer(authBytes) ? authBytes : Buffer.concat([...(authBytes as readonly Buffer[])]);
    const size = Buffer.alloc(FRAME_SIZE_BYTES);
    size.writeInt32BE(answer.length);
    return [size, answer];
  }

  close(): void {
    this.#stopListening();
  }

  async #step(access: FabricAccess, exchange: Exchange, message: Buffer): Promise<Buffer> {
    if (exchange.mechanism === 'plain') {
      // RFC 4616: an identity, which has to be the name's or none, the name, the password.
      const [identity, username, password, ...rest] = message.toString('utf8').split('\0');
      const isWhole = username && password !== undefined && rest.length === 0 && message.length <= PLAIN_BYTES_MAX;
      if (!isWhole || (identity && identity !== username)) throw access.refuse(username ?? '', this.#attempt);
      this.#signedIn(await access.signIn({ username, password }, this.#attempt));
      return NO_BYTES;
    }
    const { server } = exchange;
    if (!exchange.started) {
      exchange.started = true;
      const first = server.first(message);
      access.check(server.username!, this.#attempt);
      return first;
    }
    let final: Buffer;
    try {
      final = server.final(message);
    } catch {
      throw access.refuse(server.username ?? '', this.#attempt);
    }
    this.#signedIn(access.signedIn(server.username!, this.#attempt));
    return final;
  }

  #signedIn(principal: Principal): void {
    this.#exchange = null;
    this.#stopListening();
    this.#principal = principal;
    const onEnd = () => this.#parts.end();
    principal.ended.addEventListener('abort', onEnd, { once: true });
    this.#stopListening = () => principal.ended.removeEventListener('abort', onEnd);
  }
}

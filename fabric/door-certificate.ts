/** The certificate of a fabric's doors, read again while it runs: it is renewed in place, by a person or by a cluster's own means. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { errorMessage, FieldlineError, isFieldlineError } from '@/lib/errors';
import { readSecretFile } from '@/lib/secrets';
import type { FabricLog } from './logger';

/** Files are looked at, not watched: a cluster swaps a link to the directory above them, which a watch does not see. */
const POLL_MS = 45_000;

/** Where the certificate is; `ca` is the authority that edges are told to trust, the system's when undefined. */
export interface TlsFiles {
  cert: string;
  key: string;
  ca: string | undefined;
  /** The key of sealed secrets: `key` may be one. */
  secretsKey: string;
}

/** PEM. */
interface Pair {
  cert: string;
  key: string;
  ca: string | undefined;
}

export class DoorCertificate {
  readonly #files: TlsFiles;
  readonly #log: FabricLog;
  readonly #timer: NodeJS.Timeout;
  readonly #listeners: ((tls: TlsOptions) => void)[] = [];
  #pair: Pair;
  #suspicion: string | null = null;
  #trouble: string | null = null;
  #checking: Promise<void> | null = null;

  /** Reads the files, and goes on looking at them until it is closed. Fails with CONFIG_INVALID. */
  static async open(files: TlsFiles, log: FabricLog, pollMs = POLL_MS): Promise<DoorCertificate> {
    try {
      return new DoorCertificate(files, await usable(files), log, pollMs);
    } catch (cause) {
      if (isFieldlineError(cause, 'SECRET_UNREADABLE')) throw cause;
      throw new FieldlineError('CONFIG_INVALID', `A certificate or its key can not be used: ${errorMessage(cause)}`, {
        cause,
      });
    }
  }

  private constructor(files: TlsFiles, pair: Pair, log: FabricLog, pollMs: number) {
    this.#files = files;
    this.#pair = pair;
    this.#log = log;
    this.#timer = setInterval(() => void this.check(), pollMs).unref();
  }

  /** For the servers of the doors. TLS 1.2 is what the oldest Kafka clients in use speak. */
  get tls(): TlsOptions {
    return { cert: this.#pair.cert, key: this.#pair.key, minVersion: 'TLSv1.2' };
  }

  /** PEM of the authority; undefined: the system's. */
  get ca(): string | undefined {
    return this.#pair.ca;
  }

  /** When the certificate that is shown ends, in ms since 1970. */
  get endsAt(): number {
    return endOf(this.#pair.cert);
  }

  /** Told of every certificate that takes the place of the one before; connections that are open keep theirs. */
  onRenewed(listener: (tls: TlsOptions) => void): void {
    this.#listeners.push(listener);
  }

  /** What is wrong with the files as they are now, in at most one sentence. */
  troubles(): string[] {
    if (this.#trouble === null) return [];
    const until = new Date(this.endsAt).toISOString().slice(0, 10);
    return [
      `The new certificate of the doors can not be used, and the old one is shown, until ${until}: ${this.#trouble}`,
    ];
  }

  /** Looks at the files now; what is not usable changes nothing. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  async #check(): Promise<void> {
    try {
      const pair = await read(this.#files);
      if (!isSame(pair, this.#pair)) {
        demandUsable(pair);
        demandValidNow(pair.cert);
        this.#pair = pair;
        for (const renewed of this.#listeners) renewed(this.tls);
        this.#log.info('The doors show a new certificate', { endsAt: new Date(this.endsAt).toISOString() });
      }
      this.#suspicion = null;
      this.#trouble = null;
    } catch (error) {
      this.#doubt(errorMessage(error));
    }
  }

  /** A certificate and its key are replaced one after the other: only what is still so at the next look is a trouble, and is said once. */
  #doubt(reason: string): void {
    const isNew = reason !== this.#suspicion;
    this.#suspicion = reason;
    if (isNew || reason === this.#trouble) return;
    this.#trouble = reason;
    this.#log.warn('The new certificate of the doors can not be used: they go on with the old one', { reason });
  }
}

async function usable(files: TlsFiles): Promise<Pair> {
  const pair = await read(files);
  demandUsable(pair);
  return pair;
}

async function read({ cert, key, ca, secretsKey }: TlsFiles): Promise<Pair> {
  const text = (file: string) => readFile(file, 'utf8');
  const [certPem, caPem] = await Promise.all([text(cert), ca === undefined ? undefined : text(ca)]);
  return { cert: certPem, key: readSecretFile(key, secretsKey), ca: caPem };
}

const isSame = (a: Pair, b: Pair) => a.cert === b.cert && a.key === b.key && a.ca === b.ca;

/** That they are PEM, and that the key is the certificate's. */
function demandUsable({ cert, key, ca }: Pair): void {
  createSecureContext({ cert, key });
  // An empty key makes a context too, one that can answer nobody.
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error('the key is that of another certificate');
  if (ca !== undefined) endOf(ca);
}

/** At a start the one that there is has to do; while another is shown, one that nobody would trust is no renewal. */
function demandValidNow(cert: string): void {
  const { validFrom, validTo } = new X509Certificate(cert);
  if (Date.parse(validTo) <= Date.now()) throw new Error(`it ended at ${validTo}`);
  if (Date.parse(validFrom) > Date.now()) throw new Error(`it does not hold before ${validFrom}`);
}

const endOf = (pem: string) => Date.parse(new X509Certificate(pem).validTo);

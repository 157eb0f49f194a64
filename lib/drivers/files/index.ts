/**
 * The volumes port over the files and admin REST APIs: an embedded fabric, or an HPE Data Fabric cluster.
 *
 * Volume `outbound-alpha` of mission `missionx` is the fabric's `missionx.outbound-alpha`, mounted at `/missionx/outbound-alpha`.
 * What only an embedded fabric can (listings, copies, digests, a mirror's figures) is announced by its dashboard/info. Without them a
 * copy passes through here, a digest is computed by reading, and a listing fails with UNSUPPORTED; that was tried against an embedded
 * fabric with its extensions ignored, not on a cluster.
 */
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { type HttpAuth, HttpClient, type HttpRequest, type HttpResponse } from '@/lib/http';
import { checkFilePath } from '@/lib/ports/file-path';
import type { FileInfo, Volumes } from '@/lib/ports/volumes';
import type { S3Settings } from '@/lib/s3';
import { type AdminRow, adminCall } from '../admin-rest/client';
import { describedFile, digestByReading, failure, requestPath } from './files-client';
import { statusFromExtension, statusFromRecord } from './mirror-status';
import { uploadOf } from './upload';

/** Files of a listing page. */
const PAGE_FILES = 10_000;
const PAGE_BYTES_MAX = 32 * 1024 * 1024;
/** After the last byte the server digests and fsyncs; on a busy disk a large file takes its time. */
const WRITE_IDLE_TIMEOUT_MS = 120_000;
/** Asking the source over a thin link: the fabric itself gives up after 20 s. */
const REFRESH_TIMEOUT_MS = 25_000;
/** How long a stop may take: the fabric waits until nothing moves any more. */
const STOP_TIMEOUT_MS = 60_000;

export interface FilesVolumesOptions {
  /** Of the REST door: `http://127.0.0.1:18443`. */
  baseUrl: string;
  mission: string;
  /** This site's id, for messages. */
  site: string;
  auth?: HttpAuth;
  /** PEM of the authority that signed the server's certificate. */
  ca?: string | Buffer;
  /** The name in its certificate, where that is not the host of `baseUrl`. */
  serverName?: string;
  /** What the fabric can beyond the documented API; asked from it when absent. */
  extensions?: readonly string[];
  /** Where the volumes are that this site's mirrors bring: an object store; behind the doors of their own site when absent. */
  source?: { kind: 's3' } & S3Settings;
}

/** See the port for what each call does. Fails with UNAVAILABLE or TIMEOUT when the fabric does not answer. */
export function createFilesVolumes(options: FilesVolumesOptions): Volumes {
  return new FilesVolumes(options);
}

class FilesVolumes implements Volumes {
  readonly #client: HttpClient;
  readonly #options: FilesVolumesOptions;
  #extensions: Promise<ReadonlySet<string>> | null = null;

  constructor(options: FilesVolumesOptions) {
    this.#options = options;
    this.#client = new HttpClient({
      baseUrl: options.baseUrl,
      auth: options.auth,
      ca: options.ca,
      serverName: options.serverName,
    });
  }

  async ensureVolume(volume: string): Promise<void> {
    const name = this.#name(volume);
    const record = await this.#ensure(name, { name, path: this.#mount(volume) });
    if (record && isMirror(record)) throw new FieldlineError('CONFLICT', `"${name}" exists already, as a mirror`);
  }

  async ensureMirror(volume: string, source: { volume: string; site: string }): Promise<void> {
    await this.#ensureObjectStore(source.site);
    const name = this.#name(volume);
    const wanted = `${this.#name(source.volume)}@${source.site}`;
    const record = await this.#ensure(name, { name, path: this.#mount(volume), type: 'mirror', source: wanted });
    if (!record) return;
    // A promoted mirror holds work of this site: a restart must not turn it back and let the next run delete that.
    if (!isMirror(record))
      throw new FieldlineError('CONFLICT', `"${name}" on ${this.#options.site} is no mirror`, {
        remedy: 'It exists for other use, or was promoted: demote it by volume/modify type=mirror',
      });
    if (sourceOf(record) !== wanted)
      await adminCall(this.#client, 'POST', 'volume/modify', { name, type: 'mirror', source: wanted });
  }

  async list(volume: string, prefix = ''): Promise<FileInfo[]> {
    if (!(await this.#can('files.list')))
      throw new FieldlineError('UNSUPPORTED', 'The files API of this fabric has no listings');
    const files: FileInfo[] = [];
    for (let after: string | undefined; ; ) {
      const query = { list: 'json', recursive: 'true', limit: PAGE_FILES, prefix: prefix || undefined, after };
      const request: HttpRequest = { path: requestPath(this.#mount(volume), ''), query };
      const response = await this.#client.request(request);
      if (!response.ok) throw await failure(this.#client, request, response);
      const page = await response.json<{ entries: FileInfo[]; next: string | null }>(PAGE_BYTES_MAX);
      files.push(...page.entries);
      if (page.next === null) return files;
      after = page.next;
    }
  }

  async stat(volume: string, path: string): Promise<FileInfo | null> {
    const request: HttpRequest = { method: 'HEAD', path: this.#path(volume, path) };
    const response = await this.#client.request(request);
    if (response.status === 404) return null;
    if (!response.ok) throw await failure(this.#client, request, response);
    return this.#complete(volume, describedFile(path, response));
  }

  async put(...[volume, path, content, settings = {}]: Parameters<Volumes['put']>): Promise<FileInfo> {
    const upload = uploadOf(content, settings.maxBytes);
    const request: HttpRequest = {
      method: 'PUT',
      path: this.#path(volume, path),
      body: upload.body,
      headers: { 'content-type': 'application/octet-stream', ...upload.headers },
      signal: settings.signal,
      totalTimeoutMs: null,
      idleTimeoutMs: WRITE_IDLE_TIMEOUT_MS,
      accept: [403],
    };
    const response = await this.#client.request(request);
    if (!response.ok) throw await failure(this.#client, request, response);
    const stored = await storedFile(response);
    upload.check(stored);
    // A cluster answers without a body: what was sent is then what is known.
    return { path, bytes: upload.bytes(), sha256: upload.sha256(), modifiedAt: stored.modifiedAt ?? Date.now() };
  }

  async get(...[volume, path, settings = {}]: Parameters<Volumes['get']>): ReturnType<Volumes['get']> {
    const { range, signal } = settings;
    if (range && (range.start < 0 || (range.end !== undefined && range.end < range.start))) throw outOfRange(path);
    const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {};
    const request: HttpRequest = { path: this.#path(volume, path), headers, signal, totalTimeoutMs: null };
    const response = await this.#client.request(request);
    if (response.status === 404 || response.status === 416) {
      await response.discard();
      if (response.status === 404) return null;
      throw outOfRange(path);
    }
    if (!response.ok) throw await failure(this.#client, request, response);
    if (range && response.status !== 206) {
      await response.discard();
      throw new FieldlineError('UNSUPPORTED', 'The files API of this fabric serves no ranges');
    }
    const info = await this.#complete(volume, describedFile(path, response));
    const start = range?.start ?? 0;
    const end = Math.min(range?.end ?? info.bytes - 1, info.bytes - 1);
    return { info, range: { start, end }, stream: response.body };
  }

  async copy(...[from, to]: Parameters<Volumes['copy']>): Promise<FileInfo> {
    const source = `${this.#mount(from.volume)}/${checkFilePath(from.path)}`;
    if (!(await this.#can('files.copy'))) {
      const content = await this.get(from.volume, from.path);
      if (!content) throw new FieldlineError('NOT_FOUND', `There is no file ${source}`);
      return this.put(to.volume, to.path, content.stream);
    }
    const path = this.#path(to.volume, to.path);
    const request: HttpRequest = { method: 'PUT', path, query: { copyFrom: source }, accept: [403] };
    const response = await this.#client.request({ ...request, idleTimeoutMs: WRITE_IDLE_TIMEOUT_MS });
    if (!response.ok) throw await failure(this.#client, request, response);
    return response.json<FileInfo>();
  }

  async remove(volume: string, path: string): Promise<boolean> {
    const request: HttpRequest = { method: 'DELETE', path: this.#path(volume, path), accept: [403] };
    const response = await this.#client.request(request);
    if (response.ok || response.status === 404) {
      await response.discard();
      return response.ok;
    }
    throw await failure(this.#client, request, response);
  }

  async startMirror(volume: string): Promise<void> {
    await adminCall(this.#client, 'POST', 'volume/mirror/start', { name: this.#name(volume) });
  }

  async stopMirror(volume: string): Promise<void> {
    const name = this.#name(volume);
    await adminCall(this.#client, 'POST', 'volume/mirror/stop', { name }, { idleTimeoutMs: STOP_TIMEOUT_MS });
  }

  async mirrorStatus(...[volume, settings = {}]: Parameters<Volumes['mirrorStatus']>) {
    const name = this.#name(volume);
    if (!(await this.#can('mirror.status'))) {
      const record = await this.#record(name);
      return statusFromRecord(record, this.#source(sourceOf(record)), Date.now());
    }
    const parameters = { name, refreshnow: settings.refresh ?? false };
    const timeouts = { idleTimeoutMs: REFRESH_TIMEOUT_MS };
    const [row] = await adminCall(this.#client, 'POST', 'volume/mirror/status', parameters, timeouts);
    return statusFromExtension(row, this.#source(String(row?.source ?? '')));
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  /** Tells the fabric of the object store; the secrets go in the body, which nobody logs. */
  async #ensureObjectStore(site: string): Promise<void> {
    const { source } = this.#options;
    if (!source) return this.#forgetObjectStore(site);
    if (!(await this.#can('mirror.s3')))
      throw new FieldlineError('UNSUPPORTED', 'This fabric can not mirror from an object store');
    const { endpoint, bucket, region, pathStyle, credentials, ca } = source;
    const parameters = { dstcluster: site, endpoint, bucket, region, pathstyle: pathStyle };
    const json = { ...credentials, ...(ca && { ca: ca.toString() }) };
    await adminCall(this.#client, 'POST', 'cluster/objectstore/set', parameters, { json });
  }

  /** The site may have been on an object store before: its volumes are behind its doors now. */
  async #forgetObjectStore(site: string): Promise<void> {
    if (!(await this.#can('mirror.s3'))) return;
    const stores = await adminCall(this.#client, 'GET', 'cluster/objectstore/list');
    if (stores.some((store) => store.cluster === site))
      await adminCall(this.#client, 'POST', 'cluster/objectstore/delete', { dstcluster: site });
  }

  /** Null when it was created now; its record when it was there. */
  async #ensure(name: string, parameters: Record<string, string>): Promise<AdminRow | null> {
    try {
      await adminCall(this.#client, 'POST', 'volume/create', parameters);
      return null;
    } catch (error) {
      // There is no create-if-missing in this API.
      if (!isFieldlineError(error, 'CONFLICT')) throw error;
      return this.#record(name);
    }
  }

  async #record(name: string): Promise<AdminRow> {
    const [record] = await adminCall(this.#client, 'GET', 'volume/info', { name });
    if (record) return record;
    throw new FieldlineError('PROTOCOL', `${this.#client.where} has no record of the volume "${name}"`);
  }

  async #complete(volume: string, described: ReturnType<typeof describedFile>): Promise<FileInfo> {
    const { sha256 } = described;
    const path = this.#path(volume, described.path);
    return { ...described, sha256: sha256 ?? (await digestByReading(this.#client, { path, totalTimeoutMs: null })) };
  }

  async #can(extension: string): Promise<boolean> {
    this.#extensions ??= this.#askExtensions().catch((error: unknown) => {
      this.#extensions = null;
      throw error;
    });
    return (await this.#extensions).has(extension);
  }

  async #askExtensions(): Promise<ReadonlySet<string>> {
    if (this.#options.extensions) return new Set(this.#options.extensions);
    const [row] = await adminCall(this.#client, 'GET', 'dashboard/info');
    return new Set(Array.isArray(row?.extensions) ? row.extensions.map(String) : []);
  }

  #name(volume: string): string {
    return `${this.#options.mission}.${volume}`;
  }

  #mount(volume: string): string {
    return `/${this.#options.mission}/${volume}`;
  }

  #path(volume: string, path: string): string {
    return requestPath(this.#mount(volume), checkFilePath(path));
  }

  /** `missionx.outbound-alpha@hq` as the domain says it: `outbound-alpha@hq`. */
  #source(source: string): string {
    const prefix = `${this.#options.mission}.`;
    return source.startsWith(prefix) ? source.slice(prefix.length) : source;
  }
}

const outOfRange = (path: string) =>
  new FieldlineError('REQUEST_INVALID', `The range does not lie in the file ${path}`);
const isMirror = (record: AdminRow) => Number(record.volumetype) === 1;
const sourceOf = (record: AdminRow) => `${record.mirrorSrcVolume ?? ''}@${record.mirrorSrcCluster ?? ''}`;

/** What the answer to an upload tells of the file; nothing where the server says nothing. */
async function storedFile(response: HttpResponse): Promise<{ sha256: string | undefined; modifiedAt: number | null }> {
  const isJson = response.header('content-type')?.includes('json') ?? false;
  if (isJson) return response.json<FileInfo>();
  await response.discard();
  return { sha256: undefined, modifiedAt: null };
}

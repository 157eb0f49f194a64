/**
 * Frames: a 4-byte size, a header, a body ("Kafka protocol guide", "Protocol Structure").
 * Request header version 2 and response header version 1 go with flexible versions; ApiVersions always answers with header version 0,
 * since a client that asks for it does not know yet what the broker understands (KIP-511).
 */
import {
  type ApiName,
  apiDefinition,
  type RequestInput,
  type RequestOf,
  type ResponseInput,
  type ResponseOf,
} from './apis';
import { ByteReader, ByteWriter } from './bytes';
import { nullableString, skipTaggedFields, type Version } from './types';

export const FRAME_SIZE_BYTES = 4;
const OLD_STYLE: Version = { number: 0, flexible: false };

export interface RequestHeader {
  apiKey: number;
  apiVersion: number;
  correlationId: number;
  clientId: string | null;
}

const versionOf = (name: ApiName, number: number): Version => ({
  number,
  flexible: number >= apiDefinition(name).flexibleFrom,
});

/** Reads the part of a request header that is the same in every version. `frame` is without its size. */
export function readRequestHeader(frame: Buffer): { header: RequestHeader; reader: ByteReader } {
  const reader = new ByteReader(frame);
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  // The client id is never compact, not even in header version 2.
  const clientId = nullableString.read(reader, OLD_STYLE);
  return { header: { apiKey, apiVersion, correlationId, clientId }, reader };
}

/** Reads the body behind a header that `readRequestHeader` read. Fails with PROTOCOL. */
export function readRequestBody<N extends ApiName>(name: N, apiVersion: number, reader: ByteReader): RequestOf<N> {
  const version = versionOf(name, apiVersion);
  if (version.flexible) skipTaggedFields(reader);
  return apiDefinition(name).request.read(reader, version) as RequestOf<N>;
}

/** A whole request frame, size included, as parts to write in order. */
export function writeRequest<N extends ApiName>(
  name: N,
  apiVersion: number,
  correlationId: number,
  clientId: string | null,
  body: RequestInput<N>,
): Buffer[] {
  const api = apiDefinition(name);
  const version = versionOf(name, apiVersion);
  const writer = new ByteWriter();
  writer.int16(api.key);
  writer.int16(apiVersion);
  writer.int32(correlationId);
  nullableString.write(writer, clientId, OLD_STYLE);
  if (version.flexible) writer.uvarint(0);
  api.request.write(writer, body, version);
  return frame(writer);
}

/** A whole response frame, size included, as parts to write in order. */
export function writeResponse<N extends ApiName>(
  name: N,
  apiVersion: number,
  correlationId: number,
  body: ResponseInput<N>,
): Buffer[] {
  const version = versionOf(name, apiVersion);
  const writer = new ByteWriter();
  writer.int32(correlationId);
  if (version.flexible && name !== 'ApiVersions') writer.uvarint(0);
  apiDefinition(name).response.write(writer, body, version);
  return frame(writer);
}

/** The correlation id of a response frame (without its size): which request it answers. */
export function readCorrelationId(frameWithoutSize: Buffer): number {
  return new ByteReader(frameWithoutSize).int32();
}

/** Reads a response frame (without its size) to a request of this API and version. Fails with PROTOCOL. */
export function readResponse<N extends ApiName>(name: N, apiVersion: number, frameWithoutSize: Buffer): ResponseOf<N> {
  const version = versionOf(name, apiVersion);
  const reader = new ByteReader(frameWithoutSize);
  reader.int32();
  if (version.flexible && name !== 'ApiVersions') skipTaggedFields(reader);
  return apiDefinition(name).response.read(reader, version) as ResponseOf<N>;
}

function frame(writer: ByteWriter): Buffer[] {
  const size = Buffer.allocUnsafe(FRAME_SIZE_BYTES);
  size.writeInt32BE(writer.length, 0);
  return [size, ...writer.finish()];
}

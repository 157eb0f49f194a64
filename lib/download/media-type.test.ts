import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { plainMediaType, settleMediaType, type TypeEvidence } from './media-type';
import { sniffMediaType } from './sniff';

const text = (content: string) => Buffer.from(content);
const box = (brand: string) => Buffer.concat([Buffer.from([0, 0, 0, 24]), text(`ftyp${brand}`), Buffer.alloc(16)]);

describe('what bytes say', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('a %s as sharp writes it', async (format) => {
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .toFormat(format)
      .toBuffer();
    expect(sniffMediaType(bytes)).toBe(`image/${format}`);
  });

  it.each([
    [box('isom'), 'video/mp4'],
    [box('qt  '), 'video/quicktime'],
    [box('M4A '), 'audio/mp4'],
    [Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), text('....webm')]), 'video/webm'],
    [text('%PDF-1.7\n'), 'application/pdf'],
    [text('PK\x03\x04....'), 'application/zip'],
    [text('II*\0....'), 'image/tiff'],
    [text('MM\0+....'), 'image/tiff'],
    [text('{"type":"FeatureCollection"'), 'application/json'],
    [text('  [1, 2]'), 'application/json'],
    [text('<?xml version="1.0"?><kml>'), 'application/xml'],
    [text('<?xml version="1.0"?>\n<!-- c --><svg xmlns="x">'), 'image/svg+xml'],
    [text('<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html>'), 'text/html'],
    [text('\ufeff \n<!-- a -->\n<!DocType HTML>'), 'text/html'],
    [text('<script>alert(1)</script>'), 'text/html'],
    [text('<HTML lang=en>'), 'text/html'],
    [text('lat,lon\n1,2\n'), 'text/plain'],
    [Buffer.from('Grüße', 'utf8').subarray(0, 4), 'text/plain'],
    [Buffer.from([1, 2, 3, 0, 5]), null],
    [Buffer.alloc(0), null],
  ])('%#: %s', (bytes, type) => {
    expect(sniffMediaType(bytes)).toBe(type);
  });
});

describe('the type that is settled on', () => {
  const settle = (evidence: Partial<TypeEvidence>) =>
    settleMediaType({ sniffed: null, declared: null, promised: null, kind: 'other', empty: false, ...evidence });

  it('is what the bytes say, whatever was promised', () => {
    expect(settle({ kind: 'image', sniffed: 'image/png', promised: 'image/jpeg', declared: 'text/html' })).toBe(
      'image/png',
    );
  });

  it('is more exact where the bytes only show the container', () => {
    expect(settle({ sniffed: 'application/json', promised: 'application/geo+json' })).toBe('application/geo+json');
    expect(settle({ sniffed: 'text/plain', declared: 'text/csv' })).toBe('text/csv');
    expect(settle({ sniffed: 'application/zip', declared: 'application/vnd.google-earth.kmz' })).toBe(
      'application/vnd.google-earth.kmz',
    );
  });

  it('never becomes something that a browser runs', () => {
    expect(settle({ sniffed: 'text/plain', promised: 'text/html' })).toBe('text/plain');
    expect(settle({ sniffed: 'application/xml', declared: 'application/xhtml+xml' })).toBe('application/xml');
    expect(settle({ sniffed: 'text/plain', declared: 'image/svg+xml' })).toBe('text/plain');
    expect(settle({ sniffed: null, declared: 'application/javascript' })).toBe('application/octet-stream');
  });

  it('is what was promised where the bytes say nothing', () => {
    expect(settle({ promised: 'application/x-grib' })).toBe('application/x-grib');
    expect(settle({})).toBe('application/octet-stream');
  });

  it('may be a page only where a page was promised', () => {
    expect(settle({ kind: 'document', sniffed: 'text/html', promised: 'text/html' })).toBe('text/html');
    expect(() => settle({ kind: 'document', sniffed: 'text/html', promised: 'application/pdf' })).toThrow(/web page/);
    expect(() => settle({ kind: 'image', sniffed: 'text/html', promised: 'text/html' })).toThrow(/web page/);
  });

  it('is refused where an image or video has no known format', () => {
    expect(() => settle({ kind: 'image' })).toThrow(/no known format/);
    expect(() => settle({ kind: 'video', sniffed: 'image/gif' })).toThrow(/of type image\/gif/);
  });
});

it('a media type of a header is read without its parameters', () => {
  expect(plainMediaType('Image/PNG; charset=x')).toBe('image/png');
  expect(plainMediaType('nonsense')).toBeNull();
  expect(plainMediaType(undefined)).toBeNull();
});

import { describe, expect, it } from 'vitest';
import { dispositionFileName, FILE_NAME_BYTES_MAX, safeFileName, urlFileName } from './file-name';

describe('a safe file name', () => {
  it.each([
    ['delta.jpg', 'image/jpeg', 'delta.jpg'],
    ['DELTA.JPEG', 'image/jpeg', 'DELTA.JPEG'],
    ['Île de Ré.png', 'image/png', 'Île de Ré.png'],
    ['../../etc/passwd', 'text/plain', 'passwd.txt'],
    ['..\\..\\boot.ini', 'text/plain', 'boot.ini.txt'],
    ['a\u0000b\u0007c\n.png', 'image/png', 'abc.png'],
    ['gnp.\u202egpj.exe', 'image/png', 'gnp.gpj.exe.png'],
    ['photo.jpg', 'image/png', 'photo.png'],
    ['download.php', 'image/png', 'download.php.png'],
    ['page.html', 'image/png', 'page.png'],
    ['no extension', 'image/png', 'no extension.png'],
    ['.htaccess', 'text/plain', 'htaccess.txt'],
    ['..', 'image/png', 'file.png'],
    ['', 'application/octet-stream', 'file'],
    ['con', 'application/octet-stream', '_con'],
    ['NUL.txt', 'text/plain', '_NUL.txt'],
    ['a<b>:"c|d?*.csv', 'text/csv', 'a_b___c_d__.csv'],
    ['trailing. . ', 'application/octet-stream', 'trailing'],
    ['data.nc', 'application/x-unheard-of', 'data.nc'],
    ['preview.webp', 'image/webp', 'file-preview.webp'],
    ['Preview.WEBP', 'image/webp', 'file-Preview.WEBP'],
  ])('%j as %s is %j', (name, type, safe) => {
    expect(safeFileName(name, type)).toBe(safe);
  });

  it('is cut between characters, and keeps its extension', () => {
    const name = safeFileName(`${'é'.repeat(300)}.tif`, 'image/tiff');
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(FILE_NAME_BYTES_MAX);
    expect(name).toMatch(/^é+\.tif$/);
  });

  it('is the same when made safe again', () => {
    for (const name of ['../x\u202e.jpg', 'preview.webp', 'con', `${'é'.repeat(300)}.png`, '']) {
      const once = safeFileName(name, 'image/png');
      expect(safeFileName(once, 'image/png')).toBe(once);
    }
  });
});

describe('the name that a server gives', () => {
  it.each([
    ['attachment; filename="a b.png"', 'a b.png'],
    ['attachment; filename=plain.png', 'plain.png'],
    ['attachment; filename="quo\\"te.png"', 'quo"te.png'],
    [`attachment; filename="x.png"; filename*=UTF-8''%C3%8Ele.png`, 'Île.png'],
    [`attachment; filename="x.png"; filename*=UTF-8''%ZZ`, 'x.png'],
    [`attachment; filename*=iso-8859-1'en'%CEle.png`, 'Île.png'],
    ['inline', null],
    [undefined, null],
  ])('%j is %j', (header, name) => {
    expect(dispositionFileName(header)).toBe(name);
  });

  it('is the last segment of an address, decoded where that works', () => {
    expect(urlFileName(new URL('http://h/a/b%20c.png?x=1'))).toBe('b c.png');
    expect(urlFileName(new URL('http://h/a/%ff.png'))).toBe('%ff.png');
    expect(urlFileName(new URL('http://h/'))).toBe('');
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { bmp, ico, png, tiff } from '../../test/pictures.js';
import { decodePainted } from '../images/servers/decode.js';
import { decode, decodeFile, decodeSmall, type Rgb, whyNot } from './image.js';

const dir = mkdtempSync(join(tmpdir(), 'synclr-image-'));
afterAll(() => rmSync(dir, { recursive: true }));

const reason = (work: Promise<unknown>): Promise<string> => work.then(() => expect.fail('decoded'), whyNot);
const pixel = ({ width, data }: Rgb, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

const SIDE = 16;
/** A grey ramp from 0 to 1 along each row. */
const ramp = Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE) / (SIDE - 1));
const expected = ramp.slice(0, SIDE).map((v) => Math.round(255 * v));

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const floats = (white: number) => tiff(SIDE, bytesOf(Float32Array.from(ramp, (v) => v * white)), 32, 3);

const SVG = `<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"><filter id="f"><feGaussianBlur stdDeviation="400"/></filter><rect width="30000" height="30000" filter="url(#f)"/></svg>`;

describe('what a file is, its content says', () => {
  it('BMP and ICO are decoded, whole ones alone', async () => {
    const whole = bmp(5, 3, [10, 200, 30]);
    const image = await decode(whole);
    expect([image.width, image.height, pixel(image, 4, 2)]).toEqual([5, 3, [10, 200, 30]]);
    expect(await reason(decode(whole.subarray(0, whole.length - 9)))).toBe('a BMP that is cut off');
    expect(await reason(decode(whole.subarray(0, 30)))).toBe('a BMP whose header is cut off');
    const inside = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#ff0000' } })
      .png()
      .toBuffer();
    expect(pixel(await decode(ico(inside, 20)), 10, 10)).toEqual([255, 0, 0]);
    expect(await reason(decode(ico(inside, 20).subarray(0, 60)))).toBe('an ICO that is cut off');
  });

  it('a PNG without its end is read as long as no chunk of pixels is cut, by whichever decoder, and else says so', async () => {
    const whole = await sharp({ create: { width: 24, height: 24, channels: 3, background: '#305080' } })
      .png()
      .toBuffer();
    const END = 12;
    for (const cut of [1, 4, END]) {
      const bytes = whole.subarray(0, whole.length - cut);
      expect(await decodeSmall(bytes)).toEqual(await decode(whole));
      expect(await decode(bytes)).toEqual(await decode(whole));
    }
    for (const cut of [END + 2, END + 4, END + 8, END + 30])
      for (const read of [decode, decodeSmall])
        expect(await reason(read(whole.subarray(0, whole.length - cut)))).toBe(
          'cut short or damaged: premature end of PNG image',
        );
  });

  it('what is cut off inside of an ICO, or in a TIFF without compression, is not drawn in black', async () => {
    expect(await reason(decode(ico(png(20, 20, 9), 20)))).toMatch(/^vipspng/);
    const bitmap = Buffer.alloc(40 + 20 * 40 * 4);
    bitmap.writeUInt32LE(40, 0);
    bitmap.writeInt32LE(20, 4);
    bitmap.writeInt32LE(40, 8);
    bitmap.writeUInt16LE(1, 12);
    bitmap.writeUInt16LE(32, 14);
    expect(await decode(ico(bitmap, 20))).toMatchObject({ width: 20, height: 20 });
    expect(await reason(decode(ico(bitmap.subarray(0, 900), 20)))).toBe('an ICO that is cut off');
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#ff8800' } })
      .tiff({ compression: 'none' })
      .toBuffer();
    expect(pixel(await decode(whole), 60, 60)).toEqual([255, 136, 0]);
    const directory = whole.readUInt32LE(4);
    // Its strips are said to lie beyond the end.
    const moved = Buffer.from(whole);
    for (let i = 0, at = directory + 2; i < whole.readUInt16LE(directory); i++, at += 12)
      if (whole.readUInt16LE(at) === 273 && whole.readUInt32LE(at + 4) === 1)
        moved.writeUInt32LE(whole.length - 100, at + 8);
      else if (whole.readUInt16LE(at) === 273) moved.writeUInt32LE(whole.length, whole.readUInt32LE(at + 8));
    expect(await reason(decode(moved))).toBe('a TIFF that is cut off');
  });

  it('what is no picture is refused by its kind, whatever its name, and by every way in', async () => {
    const cases: [string | Buffer, string][] = [
      [SVG, 'its content is SVG, which is not decoded here'],
      ['  <svg width="9" height="9"/>', 'its content is SVG, which is not decoded here'],
      ['<!DOCTYPE html><p>', 'its content is HTML, which is not decoded here'],
      ['%PDF-1.4', 'its content is PDF, which is not decoded here'],
      ['P6\n1 1\n255\nabc', 'its content is PNM, which is not decoded here'],
      ['PK\x03\x04', 'its content is ZIP, which is not decoded here'],
      [Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), 'its content is HEIC, which is not decoded here'],
      [
        Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomavc1', 'latin1'),
        'its content is a video, which is not decoded here',
      ],
      ['BM, as a text begins', 'no picture by its content'],
      ['#define w_width 9', 'no picture by its content'],
      ['', 'an empty file'],
    ];
    for (const [content, said] of cases) {
      const bytes = Buffer.from(content);
      const file = join(dir, 'named.png');
      writeFileSync(file, bytes);
      expect(await reason(decodeFile(file)), said).toBe(said);
      expect(await reason(decode(bytes)), said).toBe(said);
      expect(await reason(decodeSmall(bytes)), said).toBe(said);
      if (bytes.length > 0) expect(await reason(decodePainted(bytes, 16, 16))).toBe(`a broken image (${said})`);
    }
  });

  it('libvips itself opens nothing else, in this process', async () => {
    await decode(
      await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    await expect(sharp(Buffer.from(SVG)).metadata()).rejects.toThrow('unsupported image format');
  });

  it('there is one way to sharp: nothing else in the sources loads it for what others wrote', () => {
    const src = fileURLToPath(new URL('..', import.meta.url));
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => /(?<!\.test)\.ts$/.test(f));
    expect(files.length).toBeGreaterThan(200);
    const load = /^import (?!type)[^;]*'sharp'|import\('sharp'\)/m;
    expect(files.filter((f) => load.test(readFileSync(join(src, f), 'utf8'))).sort()).toEqual([
      // The doctor, which sees whether it is there at all.
      join('cli', 'support', 'checks.ts'),
      join('views', 'guarded-sharp.ts'),
    ]);
  });

  it.skipIf(process.platform === 'win32')('a pipe by the name of a picture is not waited for', async () => {
    const pipe = join(dir, 'pipe.jpg');
    execFileSync('mkfifo', [pipe]);
    expect(await reason(decodeFile(pipe))).toBe('something else than a file');
  });
});

describe('samples of more than eight bits', () => {
  const seen = async (file: Buffer) => {
    const image = await decode(file);
    return expected.map((_, x) => pixel(image, x, 3)[1]);
  };
  const near = (found: number[]) => {
    for (const [x, v] of found.entries()) expect(Math.abs(v - expected[x]), `${found}`).toBeLessThanOrEqual(2);
  };

  it('are scaled by what they reach: floats to 1 and 255, integers of 8, 12, 16 and 32 bits', async () => {
    for (const white of [1, 255, 4095, 65535]) near(await seen(floats(white)));
    for (const white of [255, 4095, 65535]) {
      near(await seen(tiff(SIDE, bytesOf(Uint16Array.from(ramp, (v) => v * white)), 16, 1)));
      near(await seen(tiff(SIDE, bytesOf(Int32Array.from(ramp, (v) => v * white)), 32, 2)));
      near(await seen(tiff(SIDE, bytesOf(Uint32Array.from(ramp, (v) => v * white)), 32, 1)));
    }
    near(await seen(tiff(SIDE, bytesOf(Uint32Array.from(ramp, (v) => v * (2 ** 32 - 1))), 32, 1)));
    near(await seen(tiff(SIDE, bytesOf(Int16Array.from(ramp, (v) => v * 32767)), 16, 2)));
    const rgb = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => ramp[Math.floor(i / 3)]);
    near(await seen(tiff(SIDE, bytesOf(rgb), 32, 3, 3)));
  });

  it('as PNG, with 16 bits or with 8 in 16', async () => {
    for (const white of [255, 65535]) {
      const raw = { width: SIDE, height: SIDE, channels: 1 as const };
      const file = await sharp(
        Uint16Array.from(ramp, (v) => v * white),
        { raw },
      )
        .toColourspace('grey16')
        .png()
        .toBuffer();
      expect((await sharp(file).metadata()).depth).toBe('ushort');
      near(await seen(file));
    }
  });

  it('that are on no known scale are refused with what they are', async () => {
    const of = (f: (v: number) => number) => decode(tiff(SIDE, bytesOf(Float32Array.from(ramp, f)), 32, 3));
    expect(await reason(of((v) => 2 * v - 1))).toMatch(/^float samples from -1 to 1, which is no scale that is known/);
    expect(await reason(of((v) => v * 8))).toMatch(/^float samples from 0 to 8, which is no scale/);
    expect(await reason(of((v) => v * 1e6))).toMatch(/^float samples from 0 to 1000000, which is no scale/);
    expect(await reason(of((v) => (v > 0.9 ? Number.NaN : v)))).toBe('samples that are no finite numbers');
    const half = tiff(SIDE, bytesOf(Uint16Array.from(ramp, (v) => (v > 0.5 ? 0x3c00 : 0))), 16, 3);
    expect(await reason(decode(half))).toMatch(/^half-precision samples, which are not decoded here/);
    const below = tiff(SIDE, bytesOf(Int16Array.from(ramp, (v) => v * 65535 - 32768)), 16, 2);
    expect(await reason(decode(below))).toMatch(/^samples below zero/);
    // All black is black on any scale.
    expect(pixel(await of(() => 0), 0, 0)).toEqual([0, 0, 0]);
  });
});

describe('large images', () => {
  it('are made smaller while they are read, oriented as they say', async () => {
    const file = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#0000ff' } })
      .composite([
        { input: { create: { width: 3000, height: 1000, channels: 3, background: '#ff0000' } }, top: 0, left: 0 },
      ])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const image = await decode(file, { enough: 32 });
    expect([image.width, image.height]).toEqual([128, 192]);
    // What was above lies at the right.
    expect(pixel(image, 120, 90)[0]).toBeGreaterThan(240);
    expect(pixel(image, 8, 90)[2]).toBeGreaterThan(240);
    expect(await decode(file)).toMatchObject({ width: 2000, height: 3000 });
  });

  it('that no memory would hold are refused by their headers, before anything is decoded', async () => {
    const before = process.resourceUsage().maxRSS;
    expect(await reason(decode(png(60000, 60000, 1)))).toBe('60000 × 60000 pixels are too many');
    // No deflated 60 bytes hold so many, however plain.
    expect(await reason(decode(png(10_000, 10_000, 1)))).toMatch(
      /^10000 × 10000 pixels are more than its \d+ bytes can hold$/,
    );
    const wide = bmp(1, 1, [0, 0, 0]);
    wide.writeInt32LE(30000, 18);
    wide.writeInt32LE(30000, 22);
    wide.writeUInt32LE(1, 30);
    expect(await reason(decode(wide))).toBe('30000 × 30000 pixels are too many');
    const gif = Buffer.from('GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;', 'latin1');
    expect(await reason(decode(gif))).toBe('65535 × 65535 pixels are too many');
    for (const bytes of [png(60000, 60000, 1), wide, gif]) await reason(decodeSmall(bytes));
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(200 * 1024);
  });
});

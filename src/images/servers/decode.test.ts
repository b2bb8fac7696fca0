import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Transient } from '../../net/remote-server.js';
import { decodeBase64, decodePainted, WrongSize } from './decode.js';

const SIDE = 16;
/** A ramp from black to red, [16, 16, 3]. */
const ramp = Buffer.from(Array.from({ length: SIDE * SIDE }, (_, i) => [i, 0, 0]).flat());
const rgb = () => sharp(ramp, { raw: { width: SIDE, height: SIDE, channels: 3 } });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('nothing was thrown'),
    (e) => e,
  );

describe('an image file', () => {
  test('of any kind becomes RGB bytes', async () => {
    expect(await decodePainted(await rgb().png().toBuffer(), SIDE, SIDE)).toEqual({
      width: SIDE,
      height: SIDE,
      data: ramp,
    });
    expect((await decodePainted(await rgb().webp({ lossless: true }).toBuffer(), SIDE, SIDE)).data).toEqual(ramp);
    const jpeg = await decodePainted(await rgb().jpeg({ quality: 100 }).toBuffer(), SIDE, SIDE);
    expect(Math.max(...jpeg.data.map((v, i) => Math.abs(v - ramp[i])))).toBeLessThan(24);
    const deep = await decodePainted(await rgb().toColourspace('rgb16').png().toBuffer(), SIDE, SIDE);
    expect(Math.max(...deep.data.map((v, i) => Math.abs(v - ramp[i])))).toBeLessThanOrEqual(1);
    const grey = await rgb().toColourspace('b-w').png().toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    const { data } = await decodePainted(grey, SIDE, SIDE);
    expect(data.length).toBe(ramp.length);
    for (let i = 0; i < data.length; i += 3) expect(data[i + 1] === data[i] && data[i + 2] === data[i]).toBe(true);
  });

  test('that is transparent lies on white', async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const file = await sharp({ create: { width: 4, height: 4, channels: 4, background: clear } })
      .png()
      .toBuffer();
    expect(new Set((await decodePainted(file, 4, 4)).data)).toEqual(new Set([255]));
  });

  test('is scaled to the stored side', async () => {
    const { width, height, data } = await decodePainted(await rgb().png().toBuffer(), SIDE, 8);
    expect([width, height, data.length]).toEqual([8, 8, 192]);
    expect(data[0]).toBeLessThan(data[7 * 8 * 3]);
  });

  test('of another size is named with its size, whole or not', async () => {
    const file = await rgb().extend({ top: 4, background: 'white' }).png().toBuffer();
    const e = await failure(decodePainted(file, SIDE, SIDE));
    expect(e).toBeInstanceOf(WrongSize);
    expect(e).toMatchObject({
      reason: 'size',
      width: 16,
      height: 20,
      message: expect.stringContaining('16×20 px where 16×16'),
    });
  });

  test('that is cut short, broken or none is garbage', async () => {
    const big = sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: 'red',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    });
    for (const file of [await big.png().toBuffer(), await big.jpeg().toBuffer(), await big.webp().toBuffer()]) {
      expect((await decodePainted(file, 64, 64)).data.length).toBe(64 * 64 * 3);
      for (const cut of [0, 10, file.length >> 1, file.length - 40])
        expect(await failure(decodePainted(file.subarray(0, cut), 64, 64))).toMatchObject({ reason: 'garbage' });
    }
    expect(await failure(decodePainted(Buffer.from('<html>'), 64, 64))).toMatchObject({
      reason: 'garbage',
      lasting: false,
    });
  });

  test('of a kind that is never read will be no other next time', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>';
    expect(await failure(decodePainted(Buffer.from(svg), 64, 64))).toMatchObject({
      lasting: true,
      message: 'a broken image (its content is SVG, which is not decoded here)',
    });
  });
});

test('base64 is decoded, with or without what data URLs put before it; anything else is garbage', () => {
  const bytes = Buffer.from([0, 1, 2, 250, 251]);
  const text = bytes.toString('base64');
  expect(decodeBase64(text)).toEqual(bytes);
  expect(decodeBase64(`data:image/png;base64,${text}`)).toEqual(bytes);
  expect(decodeBase64(`${text.slice(0, 4)}\n${text.slice(4)}`)).toEqual(bytes);
  for (const bad of [undefined, null, '', 7, `%%%%${text}`, 'not base64!'])
    expect(() => decodeBase64(bad), String(bad)).toThrow(Transient);
});

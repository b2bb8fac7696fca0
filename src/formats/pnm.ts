/** Portable any-maps of grey or colour with bytes as samples (netpbm, `P5` and `P6`), as GTSRB has them. */

/** Pixels at most, as other decoders here. */
const MOST = 0x3fff ** 2;

export const isPnm = (b: Uint8Array): boolean => b[0] === 0x50 && (b[1] === 0x35 || b[1] === 0x36) && isSpace(b[2]);

const isSpace = (c: number): boolean => c === 0x20 || (c >= 9 && c <= 13) || c === 0x23;

/** RGB, interleaved; samples scaled to 0…255. @throws with the reason when it is cut off or its header odd */
export function readPnm(b: Uint8Array): { width: number; height: number; data: Uint8Array } {
  let at = 2;
  const number = (): number => {
    for (; at < b.length; at++) {
      if (b[at] === 0x23) while (at < b.length && b[at] !== 0x0a) at++;
      else if (!isSpace(b[at])) break;
    }
    let value = 0;
    const from = at;
    for (; b[at] >= 0x30 && b[at] <= 0x39 && at - from < 9; at++) value = value * 10 + b[at] - 0x30;
    if (at === from) throw new Error('a PNM whose header is cut off or odd');
    return value;
  };
  const [width, height, most] = [number(), number(), number()];
  at++;
  if (!(width > 0 && height > 0 && width * height <= MOST)) throw new Error(`a PNM of ${width} × ${height} pixels`);
  if (!(most > 0 && most < 65_536)) throw new Error(`a PNM whose largest sample is ${most}`);
  const channels = b[1] === 0x36 ? 3 : 1;
  const wide = most > 255 ? 2 : 1;
  const samples = width * height * channels;
  if (b.length < at + samples * wide) throw new Error('a PNM that is cut off');
  const data = new Uint8Array(width * height * 3);
  const sample = (k: number) => {
    const v = wide === 2 ? b[at + 2 * k] * 256 + b[at + 2 * k + 1] : b[at + k];
    return most === 255 ? v : Math.round((Math.min(v, most) * 255) / most);
  };
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) data[3 * i + c] = sample(channels === 3 ? 3 * i + c : i);
  return { width, height, data };
}

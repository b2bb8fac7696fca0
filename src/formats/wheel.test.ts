import { describe, expect, test } from 'vitest';
import { misfit, parseRecord, thisMachine, wheelName } from './wheel.js';

test('a wheel’s name tells package, version and platforms', () => {
  expect(wheelName('/x/Jax_CUDA13.pjrt-0.12.0.1-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl')).toEqual({
    name: 'jax-cuda13-pjrt',
    version: '0.12.0.1',
    platforms: ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'],
  });
  expect(wheelName('a-1-2build-py2.py3-none-any.whl')).toMatchObject({ version: '1', platforms: ['any'] });
  for (const name of ['a.whl', 'a-1.0.zip', 'a-1.0-py3-none.whl', 'x.tar.gz'])
    expect(() => wheelName(name)).toThrow(name);
});

describe('a wheel for another machine is told, with the reason', () => {
  const linux = { platform: 'linux', arch: 'x64', glibc: '2.36' } as const;
  const mac = { platform: 'darwin', arch: 'arm64' } as const;
  test.each([
    ['manylinux_2_27_x86_64', linux, undefined],
    ['manylinux2014_x86_64', linux, undefined],
    ['linux_x86_64', linux, undefined],
    ['any', mac, undefined],
    ['macosx_11_0_arm64', mac, undefined],
    ['macosx_11_0_universal2', mac, undefined],
    ['win_amd64', { platform: 'win32', arch: 'x64' } as const, undefined],
    ['manylinux_2_39_x86_64', linux, /needs glibc 2\.39 or newer, this machine has 2\.36/],
    ['manylinux_2_27_aarch64', linux, /is for manylinux_2_27_aarch64, this machine is linux x64/],
    ['macosx_11_0_arm64', linux, /is for macosx/],
    ['macosx_11_0_x86_64', mac, /is for macosx_11_0_x86_64, this machine is darwin arm64/],
    ['win_amd64', linux, /is for win_amd64/],
    ['musllinux_1_2_x86_64', linux, /musllinux/],
    ['manylinux_2_27_x86_64', { ...linux, glibc: undefined }, /another C library/],
  ])('%s', (tag, machine, reason) => {
    const found = misfit({ platforms: [tag] }, machine);
    if (reason) expect(found).toMatch(reason);
    else expect(found).toBeUndefined();
  });

  test('of several platforms one suffices', () => {
    expect(misfit({ platforms: ['macosx_11_0_arm64', 'manylinux_2_17_x86_64'] }, linux)).toBeUndefined();
    expect(misfit({ platforms: ['win_amd64', 'manylinux_2_99_x86_64'] }, linux)).toMatch(/glibc 2\.99/);
  });

  test('this machine knows itself', () => {
    expect(thisMachine()).toMatchObject({ platform: process.platform, arch: process.arch });
  });
});

test('a record is a list of paths with hashes and sizes', () => {
  const hash = Buffer.alloc(32, 7);
  const text = `a/b.so,sha256=${hash.toString('base64url')},12\r\n"odd, ""name""",sha256=${hash.toString('base64url')}=,0\nx.dist-info/RECORD,,\n`;
  expect([...parseRecord(text, 'r')]).toEqual([
    ['a/b.so', { sha256: hash.toString('hex'), bytes: 12 }],
    ['odd, "name"', { sha256: hash.toString('hex'), bytes: 0 }],
    ['x.dist-info/RECORD', { sha256: undefined }],
  ]);
  expect(() => parseRecord('a,md5=abc,1', 'r')).toThrow('r: a has a hash that is no SHA-256: md5=abc');
  expect(() => parseRecord('not a line', 'r')).toThrow('is no line of such a list');
});

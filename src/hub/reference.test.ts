import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { byteSize, downloadLine } from './progress.js';
import { isSafePath, parseHubReference, showReference } from './reference.js';
import { hubSettings } from './settings.js';

describe('references', () => {
  it.each([
    ['hf:owner/name', 'owner/name', 'main', ''],
    ['hf:owner/name@v1.0', 'owner/name', 'v1.0', ''],
    ['hf:owner/name/model-q4.gguf', 'owner/name', 'main', 'model-q4.gguf'],
    ['hf:Own-er_1/na.me@abc123/onnx/fp16/', 'Own-er_1/na.me', 'abc123', 'onnx/fp16'],
    ['hf:owner/name@refs/pr/12/unet', 'owner/name', 'refs/pr/12', 'unet'],
    ['hf:owner/name@refs/convert/onnx', 'owner/name', 'refs/convert/onnx', ''],
    ['hf:owner/name@my%2Fbranch/x.gguf', 'owner/name', 'my/branch', 'x.gguf'],
    ['hf:owner/name/a model.gguf', 'owner/name', 'main', 'a model.gguf'],
    ['hf:owner/name/odd@name.gguf', 'owner/name', 'main', 'odd@name.gguf'],
  ])('reads %s', (text, repo, revision, path) => {
    const reference = parseHubReference(text);
    expect(reference).toEqual({ repo, revision, path });
    expect(parseHubReference(showReference(reference))).toEqual(reference);
  });

  it.each([
    ['owner/name', 'does not begin with hf:'],
    ['hf:', 'owner is missing'],
    ['hf:gpt2', 'name after the owner'],
    ['hf:owner/', 'name after the owner'],
    ['hf:owner@main/name', 'name after the owner'],
    ['hf:owner/na me', '"na me" cannot be the name'],
    ['hf: owner/name', '" owner" cannot be the owner'],
    ['hf:../name', '".." cannot be the owner'],
    ['hf:owner/a--b', '"a--b" cannot be the name'],
    ['hf:owner/name@', 'revision after @ is missing'],
    ['hf:owner/name@%zz', 'badly escaped'],
    ['hf:owner/name@..%2Fx', 'cannot be a revision'],
    ['hf:owner/name/../../x', 'cannot be a path'],
    ['hf:owner/name//x', 'cannot be a path'],
    ['hf:https://huggingface.co/owner/name', 'whole address'],
    ['hf://owner/name', 'whole address'],
  ])('refuses %s in one line', (text, why) => {
    const refused = () => parseHubReference(text);
    expect(refused).toThrow(UserError);
    expect(refused).toThrow(why);
    expect(refused).toThrow(/write hf:owner\/name/);
    expect(refused).not.toThrow(/\n/);
  });

  it('lets no path out of its folder', () => {
    for (const path of ['', '/x', '../x', 'a/../b', 'a//b', 'a/.', 'C:x', 'a\\b', 'a\0'])
      expect(isSafePath(path), path).toBe(false);
    for (const path of ['x', 'a/b.c', '..a', 'a..b/c']) expect(isSafePath(path), path).toBe(true);
  });
});

describe('settings', () => {
  it('come from the variables of the Python tools', () => {
    expect(hubSettings({})).toMatchObject({ endpoint: 'https://huggingface.co', offline: false });
    expect(hubSettings({ HF_HOME: '~/hf' }).cache).toBe(`${homedir()}/hf/hub`);
    expect(hubSettings({ XDG_CACHE_HOME: '/c' }).cache).toBe('/c/huggingface/hub');
    expect(hubSettings({ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' }).cache).toBe('/old');
    expect(hubSettings({ HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/new' }).cache).toBe('/new');
    expect(hubSettings({ HF_ENDPOINT: 'http://mirror:8080/hub//' }).endpoint).toBe('http://mirror:8080/hub');
    expect(hubSettings({ HF_HUB_OFFLINE: 'yes' }).offline).toBe(true);
    expect(hubSettings({ HF_HUB_OFFLINE: '0' }).offline).toBe(false);
    expect(hubSettings({ HF_TOKEN: 'hf_x\n' }).token).toBe('hf_x');
    expect(hubSettings({ HF_TOKEN: 'hf_x', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).token).toBeUndefined();
  });

  it('are refused without showing a secret', () => {
    expect(() => hubSettings({ HF_ENDPOINT: 'huggingface.co' })).toThrow(/HF_ENDPOINT: "huggingface.co" is not/);
    expect(() => hubSettings({ HF_HUB_DOWNLOAD_TIMEOUT: 'x' })).toThrow(/HF_HUB_DOWNLOAD_TIMEOUT: "x"/);
    expect(() => hubSettings({ HF_ENDPOINT: 'https://me:secret@host' })).toThrow(/^(?!.*secret)HF_ENDPOINT/);
    expect(() => hubSettings({ HF_TOKEN: 'hf_sec\nret' })).toThrow(/^(?!.*hf_sec)the token/s);
  });
});

it('shows sizes and progress', () => {
  expect([0, 812, 1500, 99_949, 4_300_000_000, 123_456_789].map(byteSize)).toEqual([
    '0 bytes',
    '812 bytes',
    '1.5 kB',
    '99.9 kB',
    '4.3 GB',
    '123 MB',
  ]);
  expect(downloadLine({ reference: 'hf:owner/name', done: 1.2e9, total: 4.3e9 })).toBe(
    'downloading hf:owner/name: 1.2 of 4.3 GB',
  );
});

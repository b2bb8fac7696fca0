import { describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { diffusionFiles } from './diffusion-files.js';
import { ggufFile } from './gguf-file.js';

/** A repository with everything that such repositories hold, wanted files first. */
const WANTED = [
  'model_index.json',
  'scheduler/scheduler_config.json',
  'text_encoder/config.json',
  'text_encoder/model.onnx',
  'text_encoder_2/config.json',
  'text_encoder_2/model.onnx',
  'text_encoder_2/model.onnx_data',
  'tokenizer/merges.txt',
  'tokenizer/special_tokens_map.json',
  'tokenizer/tokenizer_config.json',
  'tokenizer/vocab.json',
  'tokenizer_2/spiece.model',
  'unet/config.json',
  'unet/model.onnx',
  'unet/model.onnx.data',
  'unet/weights.pb',
  'unet/onnx__MatMul_8123',
  'vae/config.json',
  'vae_decoder/config.json',
  'vae_decoder/model.onnx',
];
const UNWANTED = [
  '.gitattributes',
  'README.md',
  'sd_xl_base_1.0.safetensors',
  'feature_extractor/preprocessor_config.json',
  'safety_checker/config.json',
  'safety_checker/model.onnx',
  'text_encoder/flax_model.msgpack',
  'text_encoder/model.safetensors',
  'text_encoder/openvino_model.bin',
  'text_encoder/openvino_model.xml',
  'text_encoder/pytorch_model.bin',
  'unet/diffusion_pytorch_model.safetensors.index.json',
  'unet/diffusion_pytorch_model-00001-of-00002.safetensors',
  'unet/model_fp16.onnx',
  'unet/model_fp16.onnx_data',
  'unet/model.fp16.onnx',
  'unet/model.fp16.onnx.data',
  'unet/tf_model.h5',
  'vae/diffusion_pytorch_model.safetensors',
  'vae_decoder/deep/model.onnx_data',
  'vae_encoder/config.json',
  'vae_encoder/model.onnx',
];

describe('diffusionFiles', () => {
  it('takes the ONNX pipeline and nothing else', () => {
    expect(diffusionFiles([...UNWANTED, ...WANTED]).sort()).toEqual([...WANTED].sort());
  });

  it('takes a transformer in place of a UNet', () => {
    const files = ['model_index.json', 'text_encoder/model.onnx', 'transformer/model.onnx', 'vae_decoder/model.onnx'];
    expect(diffusionFiles(files)).toEqual(files);
  });

  it.each([
    [
      ['model_index.json', 'unet/diffusion_pytorch_model.safetensors'],
      /hf:o\/n holds PyTorch weights.*optimum-cli export onnx --model o\/n DIR/,
    ],
    [['README.md'], /hf:o\/n holds no ONNX files/],
    [WANTED.map((p) => `onnx/${p}`), /write hf:o\/n\/onnx$/],
    [
      WANTED.filter((p) => p !== 'vae_decoder/model.onnx'),
      /is no whole ONNX diffusion pipeline: vae_decoder\/model\.onnx missing/,
    ],
    [WANTED.filter((p) => p !== 'model_index.json'), /model_index\.json missing/],
  ])('refuses what is no such pipeline (%#)', (paths, message) => {
    expect(() => diffusionFiles(paths, 'hf:o/n')).toThrow(message);
    expect(() => diffusionFiles(paths, 'hf:o/n')).toThrow(UserError);
  });
});

describe('ggufFile', () => {
  const list = (...paths: string[]) => paths.map((path) => ({ path, size: 1_500_000_000 }));
  const parts = ['big/q4-00001-of-00003.gguf', 'big/q4-00002-of-00003.gguf', 'big/q4-00003-of-00003.gguf'];

  it('takes the named file, or the only one', () => {
    expect(ggufFile(list('README.md', 'a.gguf', 'mmproj-a.gguf'))).toEqual(['a.gguf']);
    expect(ggufFile(list('a.gguf', 'b.gguf'), 'b.gguf')).toEqual(['b.gguf']);
  });

  it('takes all parts of a split model, the first first', () => {
    expect(ggufFile(list(...[...parts].reverse()))).toEqual(parts);
    expect(ggufFile(list('a.gguf', ...parts), parts[1])).toEqual(parts);
    expect(() => ggufFile(list(parts[0], parts[2]), undefined, 'hf:o/n')).toThrow(`hf:o/n: ${parts[1]} missing`);
  });

  it('lists what there is to choose from, with sizes', () => {
    expect(() => ggufFile(list('a.Q8.gguf', ...parts), undefined, 'hf:o/n')).toThrow(
      'hf:o/n holds 2 GGUF models: name one, as in hf:o/n/a.Q8.gguf; there are a.Q8.gguf (1.5 GB), big/q4-00001-of-00003.gguf (4.5 GB)',
    );
    expect(() => ggufFile(list('model.safetensors'), undefined, 'hf:o/n')).toThrow(/hf:o\/n holds no GGUF/);
    expect(() => ggufFile(list('a.bin'), 'a.bin', 'hf:o/n')).toThrow(/a\.bin is not a GGUF/);
  });
});

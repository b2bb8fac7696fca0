import { writeFileSync } from 'node:fs';
import { BOS, EOS, FIRST_BYTE, type LlamaTokenizer, UNKNOWN } from './tokenizer.js';
import type { LlamaWeights } from './weights.js';

/** Codes of GGUF v3: github.com/ggml-org/ggml, docs/gguf.md. */
const UINT32 = 4;
const INT32 = 5;
const FLOAT32 = 6;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;
const ALIGNMENT = 32;

/** Token types of llama.cpp: normal 1, unknown 2, control 3, byte 6. */
const NORMAL_TOKEN = 1;
const UNKNOWN_TOKEN = 2;
const CONTROL_TOKEN = 3;
const BYTE_TOKEN = 6;

type Value =
  | { type: typeof UINT32 | typeof FLOAT32; value: number }
  | { type: typeof BOOL; value: boolean }
  | { type: typeof STRING; value: string }
  | { type: typeof ARRAY; of: typeof INT32 | typeof FLOAT32; value: readonly number[] }
  | { type: typeof ARRAY; of: typeof STRING; value: readonly string[] };

const u32 = (value: number): Value => ({ type: UINT32, value });
const f32 = (value: number): Value => ({ type: FLOAT32, value });
const string = (value: string): Value => ({ type: STRING, value });

/**
 * Writes a llama2.c model as a GGUF v3 file of float32 tensors that llama.cpp loads.
 * Queries and keys need no reordering: llama.cpp's `llama` architecture rotates neighbouring values, as llama2.c does (files from
 * Hugging Face are the ones to be permuted, since their pairs lie half a head apart).
 * @param o.chatTemplate a Jinja template, which makes the file one of a chat-tuned model.
 */
export function writeGguf(
  file: string,
  weights: LlamaWeights,
  tokenizer: LlamaTokenizer,
  o: { name?: string; chatTemplate?: string } = {},
): void {
  const metadata = describe(weights, tokenizer, o);
  const tensors = list(weights);

  const head: Buffer[] = [Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(Object.keys(metadata).length)];
  for (const [key, value] of Object.entries(metadata)) head.push(text(key), uint32(value.type), encode(value));
  let offset = 0;
  for (const { name, rows, columns, data } of tensors) {
    // Dimensions run from the one whose values are neighbours.
    const shape = rows === undefined ? [columns] : [columns, rows];
    head.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(0), uint64(offset));
    offset += padded(data.byteLength);
  }
  const parts: Uint8Array[] = [Buffer.concat(head)];
  parts.push(new Uint8Array(padded(parts[0].length) - parts[0].length));
  for (const { data } of tensors)
    parts.push(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      new Uint8Array(padded(data.byteLength) - data.byteLength),
    );
  writeFileSync(file, Buffer.concat(parts));
}

function describe(
  { shape }: LlamaWeights,
  tokenizer: LlamaTokenizer,
  o: { name?: string; chatTemplate?: string },
): Record<string, Value> {
  const types = tokenizer.pieces.map((_, id) => {
    if (id === UNKNOWN) return UNKNOWN_TOKEN;
    if (id === BOS || id === EOS) return CONTROL_TOKEN;
    return id < FIRST_BYTE + 256 ? BYTE_TOKEN : NORMAL_TOKEN;
  });
  const pieces = tokenizer.pieces.map((piece, id) => {
    if (id === BOS) return '<s>';
    if (id === EOS) return '</s>';
    return types[id] === NORMAL_TOKEN ? piece.replaceAll(' ', '\u2581') : piece;
  });
  return {
    'general.architecture': string('llama'),
    'general.name': string(o.name ?? 'stories260K'),
    'general.alignment': u32(ALIGNMENT),
    'general.file_type': u32(0),
    'llama.vocab_size': u32(shape.vocab),
    'llama.context_length': u32(shape.context),
    'llama.embedding_length': u32(shape.dim),
    'llama.block_count': u32(shape.layers),
    'llama.feed_forward_length': u32(shape.hidden),
    'llama.attention.head_count': u32(shape.heads),
    'llama.attention.head_count_kv': u32(shape.kvHeads),
    'llama.attention.layer_norm_rms_epsilon': f32(1e-5),
    'llama.rope.dimension_count': u32(shape.dim / shape.heads),
    'llama.rope.freq_base': f32(10_000),
    'tokenizer.ggml.model': string('llama'),
    'tokenizer.ggml.tokens': { type: ARRAY, of: STRING, value: pieces },
    'tokenizer.ggml.scores': { type: ARRAY, of: FLOAT32, value: tokenizer.scores },
    'tokenizer.ggml.token_type': { type: ARRAY, of: INT32, value: types },
    'tokenizer.ggml.unknown_token_id': u32(UNKNOWN),
    'tokenizer.ggml.bos_token_id': u32(BOS),
    'tokenizer.ggml.eos_token_id': u32(EOS),
    'tokenizer.ggml.add_bos_token': { type: BOOL, value: true },
    'tokenizer.ggml.add_eos_token': { type: BOOL, value: false },
    ...(o.chatTemplate === undefined ? {} : { 'tokenizer.chat_template': string(o.chatTemplate) }),
  };
}

interface Tensor {
  name: string;
  /** Absent for a vector. */
  rows?: number;
  columns: number;
  data: Float32Array;
}

function list(weights: LlamaWeights): Tensor[] {
  const { dim, hidden, heads, kvHeads, vocab } = weights.shape;
  const kv = (dim / heads) * kvHeads;
  const matrix = (name: string, rows: number, columns: number, data: Float32Array) => ({ name, rows, columns, data });
  const vector = (name: string, data: Float32Array) => ({ name, columns: data.length, data });
  return [
    matrix('token_embd.weight', vocab, dim, weights.embedding),
    ...weights.layers.flatMap((layer, i) => [
      vector(`blk.${i}.attn_norm.weight`, layer.attentionNorm),
      matrix(`blk.${i}.attn_q.weight`, dim, dim, layer.query),
      matrix(`blk.${i}.attn_k.weight`, kv, dim, layer.key),
      matrix(`blk.${i}.attn_v.weight`, kv, dim, layer.value),
      matrix(`blk.${i}.attn_output.weight`, dim, dim, layer.out),
      vector(`blk.${i}.ffn_norm.weight`, layer.feedNorm),
      matrix(`blk.${i}.ffn_gate.weight`, hidden, dim, layer.gate),
      matrix(`blk.${i}.ffn_up.weight`, hidden, dim, layer.up),
      matrix(`blk.${i}.ffn_down.weight`, dim, hidden, layer.down),
    ]),
    vector('output_norm.weight', weights.norm),
    matrix('output.weight', vocab, dim, weights.classifier),
  ];
}

function encode(value: Value): Buffer {
  switch (value.type) {
    case UINT32:
      return uint32(value.value);
    case FLOAT32:
      return float32(value.value);
    case BOOL:
      return Buffer.from([value.value ? 1 : 0]);
    case STRING:
      return text(value.value);
    case ARRAY: {
      const items =
        value.of === STRING ? value.value.map(text) : value.value.map(value.of === FLOAT32 ? float32 : uint32);
      return Buffer.concat([uint32(value.of), uint64(items.length), ...items]);
    }
  }
}

const padded = (length: number) => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function uint64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
}

function float32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeFloatLE(value);
  return out;
}

/**
 * Names that settings may have, each list once. What has these names lives in other rooms, whose registries are checked against the
 * lists by the compiler (`satisfies Record<PainterName, …>`): a new painter is a name here and an entry there.
 */

/** Caption writers (g1): `captions.writer`. */
export const WRITER_NAMES = ['embedded', 'name', 'template', 'openai', 'gguf'] as const;
export type WriterName = (typeof WRITER_NAMES)[number];
/** Those that are behind a language model. */
export const LANGUAGE_WRITERS = ['openai', 'gguf'] as const satisfies readonly WriterName[];
/** Those that write by our own rules. */
export type PlainWriterName = Exclude<WriterName, (typeof LANGUAGE_WRITERS)[number]>;

export const isLanguageWriter = (writer: WriterName): writer is Exclude<WriterName, PlainWriterName> =>
  LANGUAGE_WRITERS.some((name) => name === writer);

/** Painters (g2): `images.painter`. */
export const PAINTER_NAMES = ['embedded', 'diffusion', 'openai', 'a1111', 'sdcpp', 'comfyui'] as const;
export type PainterName = (typeof PAINTER_NAMES)[number];

/** What trains and embeds: `runtime.provider`. */
export const PROVIDER_NAMES = ['auto', 'cpu', 'webgpu', 'xla', 'cuda', 'rocm', 'oneapi', 'tpu'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** What an encoder learns by: `learn.method`. */
export const LEARNER_NAMES = ['synclr', 'stablerep', 'simclr', 'supervised', 'clip'] as const;
export type LearnerName = (typeof LEARNER_NAMES)[number];

/**
 * Which of a file's encoders is meant: `probe.weights`. A teacher is the average over training that authors evaluate; MoCo's `momentum` is that of its
 * `base`; `ema` stands beside a `model`.
 */
export const ENCODER_WEIGHTS = ['teacher', 'student', 'base', 'momentum', 'model', 'ema'] as const;
export type EncoderWeights = (typeof ENCODER_WEIGHTS)[number];

/** What an encoder is exported as: `synclr export --format`. */
export const EXPORT_FORMATS = ['safetensors', 'timm', 'hf', 'onnx', 'transformers.js', 'pth'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

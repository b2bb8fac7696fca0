import { join } from 'node:path';
import type { ExportFormat } from '../../config/names.js';
import { writeFileAtomic } from '../../files/write.js';
import { writeSafetensors } from '../../formats/safetensors.js';
import { writeTorch } from '../../formats/torch-write.js';
import { atSize, type Backbone } from '../backbone.js';
import { writeText } from '../own-text.js';
import type { VitConfig } from '../vit.js';
import { prefixOf } from '../vit-config.js';
import { cardOf, type TrainingFacts } from './card.js';
import { forHuggingFace, huggingFacePreprocessor } from './hugging-face.js';
import { encoderOnnx } from './onnx.js';
import { ownConfig, PREPROCESSOR } from './own.js';
import { type Precision, timmState } from './state.js';
import { forTimm, timmConfig } from './timm.js';

export interface FormatOptions {
  precision?: Precision;
  /** ONNX: also a model that takes normalised pictures of the one size. */
  fixed?: boolean;
  /** For the model card. */
  facts?: TrainingFacts;
  /** Where the vocabulary of the text side lies, of an encoder that has one. */
  textFrom?: string;
}

/** What the card says of loading an encoder of a format. */
export interface Loading {
  /** As hubs name libraries, where there is one. */
  library?: string;
  /** The language of the lines, and the lines. */
  code: readonly [language: 'python' | 'js' | 'sh', text: string];
  notes: readonly string[];
}

/** Writes one format's files and its model card into a new folder. @throws UserError naming what the format cannot express */
export async function writeFormat(folder: string, b: Backbone, format: ExportFormat, o: FormatOptions): Promise<void> {
  const sized = atSize(b, b.preprocessing.size);
  const loading = await WRITERS[format](folder, sized, o);
  await writeFileAtomic(join(folder, 'README.md'), cardOf(sized, loading, o));
}

type Writer = (folder: string, b: Backbone, o: FormatOptions) => Promise<Loading>;

/** The card alone, beside files that are written already. */
export async function writeCard(
  folder: string,
  b: Backbone,
  format: 'transformers.js',
  o: FormatOptions,
): Promise<void> {
  const loading = LOADING[format](b.vit, o.precision);
  await writeFileAtomic(join(folder, 'README.md'), cardOf(atSize(b, b.preprocessing.size), loading, o));
}

const WRITERS: Readonly<Record<ExportFormat, Writer>> = {
  async safetensors(folder, b, { precision, facts, textFrom }) {
    await writeSafetensors(
      join(folder, 'model.safetensors'),
      timmState(b, precision),
      { format: 'pt' },
      { sealed: true },
    );
    await writeJson(join(folder, 'config.json'), ownConfig(b, precision, { facts }));
    if (textFrom !== undefined) await writeText(folder, b, textFrom);
    return {
      code: ['sh', 'synclr embed photos --encoder FOLDER --out photos.jsonl'],
      notes: ['`model.safetensors` has timm’s names; `synclr` in `config.json` says what is done to a picture.'],
    };
  },

  async timm(folder, b, { precision }) {
    const timm = forTimm(b, precision);
    await writeSafetensors(join(folder, 'model.safetensors'), timm.state, { format: 'pt' });
    await writeJson(join(folder, 'config.json'), timmConfig(timm, b.preprocessing, b.vit.dim));
    return { library: 'timm', code: ['python', timmLines('model.safetensors')], notes: timmNotes(b.vit) };
  },

  async pth(folder, b, { precision }) {
    const timm = forTimm(b, precision);
    await writeTorch(join(folder, 'model.pth'), timm.state, { under: 'model' });
    await writeJson(join(folder, 'config.json'), timmConfig(timm, b.preprocessing, b.vit.dim));
    return {
      library: 'timm',
      code: [
        'python',
        `${timmLines('model.pth')}\n# or the numbers alone:\nstate = torch.load("FOLDER/model.pth", weights_only=True)["model"]`,
      ],
      notes: timmNotes(b.vit),
    };
  },

  async hf(folder, b, { precision }) {
    const { config, state, feature } = forHuggingFace(b, precision);
    await writeSafetensors(join(folder, 'model.safetensors'), state, { format: 'pt' });
    await writeJson(join(folder, 'config.json'), config);
    await writeJson(join(folder, 'preprocessor_config.json'), huggingFacePreprocessor(b.preprocessing));
    const lines = [
      'from PIL import Image',
      'from transformers import AutoImageProcessor, AutoModel',
      '',
      'model = AutoModel.from_pretrained("FOLDER").eval()',
      'processor = AutoImageProcessor.from_pretrained("FOLDER")',
      'output = model(**processor(Image.open("photo.jpg"), return_tensors="pt"))',
    ];
    return { library: 'transformers', code: ['python', lines.join('\n')], notes: [`The feature is \`${feature}\`.`] };
  },

  async onnx(folder, b, { precision, fixed }) {
    await writeFileAtomic(join(folder, 'model.onnx'), encoderOnnx(b, { precision }));
    if (fixed) await writeFileAtomic(join(folder, 'model_fixed.onnx'), encoderOnnx(b, { fixed, precision }));
    const lines = [
      "import { InferenceSession, Tensor } from 'onnxruntime-node';",
      '',
      "const session = await InferenceSession.create('FOLDER/model.onnx');",
      '// values in 0…1, channel by channel, row by row; any height and width',
      "const input = new Tensor('float32', pixels, [1, 3, height, width]);",
      'const { last_hidden_state } = await session.run({ pixel_values: input });',
    ];
    return { library: 'onnx', code: ['js', lines.join('\n')], notes: onnxNotes(b.vit) };
  },

  async 'transformers.js'(folder, b, { precision, fixed, facts }) {
    const isHalf = precision === 'float16';
    await writeFileAtomic(
      join(folder, 'onnx', isHalf ? 'model_fp16.onnx' : 'model.onnx'),
      encoderOnnx(b, { precision }),
    );
    if (fixed) await writeFileAtomic(join(folder, 'onnx', 'model_fixed.onnx'), encoderOnnx(b, { fixed, precision }));
    await writeJson(join(folder, 'config.json'), ownConfig(b, precision, { facts }));
    await writeJson(join(folder, 'preprocessor_config.json'), PREPROCESSOR);
    return LOADING['transformers.js'](b.vit, precision);
  },
};

const LOADING = {
  'transformers.js'(c: VitConfig, precision?: Precision): Loading {
    const lines = [
      "import { env, pipeline } from '@huggingface/transformers';",
      '',
      "env.localModelPath = '.'; // the folder that FOLDER lies in",
      'env.allowLocalModels = true;',
      `const extract = await pipeline('image-feature-extraction', 'FOLDER', { dtype: '${precision === 'float16' ? 'fp16' : 'fp32'}' });`,
      "const tokens = await extract('photo.jpg');",
    ];
    return { library: 'transformers.js', code: ['js', lines.join('\n')], notes: onnxNotes(c) };
  },
};

function timmLines(file: string): string {
  return [
    'import json, timm, torch',
    '',
    'config = json.load(open("FOLDER/config.json"))',
    'model = timm.create_model(',
    `    config["architecture"], checkpoint_path="FOLDER/${file}",`,
    '    num_classes=0, **config["model_args"],',
    ').eval()',
    'transform = timm.data.create_transform(**timm.data.resolve_data_config(config["pretrained_cfg"]))',
  ].join('\n');
}

function timmNotes(c: VitConfig): string[] {
  const tokens = `\`model.forward_features(x)\` gives all tokens${prefixOf(c).length > 0 ? `, ${prefixOf(c).length} before the patches` : ''}`;
  return [`\`model(x)\` is the feature; ${tokens}.`];
}

function onnxNotes(c: VitConfig): string[] {
  const { cls, length } = prefixOf(c);
  const feature = hasOwnFeature(c) ? 'the feature is `pooler_output`' : 'its first token, CLS, is the feature';
  return [
    'The graph does all that is done to a picture but decoding it and dividing by 255.',
    `\`last_hidden_state\` is [batch, ${length} + patches, ${c.dim}]${cls > 0 || hasOwnFeature(c) ? `; ${feature}` : ''}.`,
  ];
}

/** Whether an image's feature is no token. */
export const hasOwnFeature = (c: VitConfig): boolean => (c.pool ?? (c.cls === false ? 'mean' : 'cls')) !== 'cls';

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

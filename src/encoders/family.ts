import type { WeightsFile } from '../formats/weights-file.js';
import type { Preprocessing } from '../model/preprocessing.js';
import type { TextConfig } from '../model/text.js';
import type { VitConfig } from '../model/vit.js';
import type { Configs } from './configs.js';
import type { Part, Sources } from './parts.js';
import type { Root } from './roots.js';

/** What a family is told by and read from. */
export interface Found extends Root {
  file: WeightsFile;
  configs: Configs;
  /** The file and its dictionary, for messages. */
  where: string;
  /** Whether stored positions are the fixed sines and cosines of MAE and MoCo v3: none for CLS, 0 and 1 at the first patch. */
  fixedPositions: boolean;
  /** Heads that the user named. */
  heads?: number;
}

/** How a family reads an encoder. */
export interface Reading {
  vit: VitConfig;
  /** Of the backbone; names of `tensors`. */
  sources: Sources;
  /** Where the number of heads is from. */
  headsFrom: string;
  preprocessing: Preprocessing;
  preprocessingFrom: string;
  otherwise?: string[];
  notes: string[];
  /** Layers behind the feature, of which the encoder itself has none; names of `tensors`, else of `all`. */
  after?: {
    /** tanh(weight·cls + bias): Hugging Face's pooler of a ViT. */
    pooler?: Linear;
    /** Of the image's feature, or a distilled encoder's CLS and distillation token, whose mean it is. */
    classifier?: Linear;
    classifierDist?: Linear;
  };
  /** The image side of an image-text model, and its text tower; names of `all`. */
  pair?: {
    projection?: Part;
    text?: { config: TextConfig; sources: Sources };
    logitScale?: string;
    logitBias?: string;
  };
}

export interface Linear {
  weight: string;
  bias?: string;
}

/** A family of published encoders. */
export interface Family {
  /** As it is called in messages, e.g. `DINO`. */
  name: string;
  /** Whether an encoder is of this family: the first that says so reads it. */
  is(f: Found): boolean;
  /** @throws UserError naming what is not run here, is missing, or contradicts its description */
  read(f: Found): Reading;
}

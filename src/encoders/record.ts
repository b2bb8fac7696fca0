import type { Preprocessing } from '../model/preprocessing.js';
import type { VitConfig } from '../model/vit.js';

/** What a file of weights was found to be, and what became of its tensors. */
export interface EncoderRecord {
  /** The file that was read. */
  file: string;
  /** Its format, e.g. `torch zip`. */
  format: string;
  /** E.g. `Hugging Face DINOv2`. */
  family: string;
  /** Where in the file: dictionary and prefix of the names; both may be empty. */
  group: string;
  prefix: string;
  /** Which of the file's encoders, and which others it holds. */
  weights: string;
  others: string[];
  vit: VitConfig;
  /** Where the number of heads is from. */
  heads: string;
  preprocessing: Preprocessing;
  /** Where preprocessing is from. */
  preprocessingFrom: string;
  /** What is done to pictures otherwise than its description says; those are among the notes too. */
  otherwise?: string[];
  /** The text tower, where there is one, in words. */
  text?: string;
  /** Our names and what they were made of. */
  renamed: { to: string; from: string[] }[];
  /** Parts of the file that no feature needs, with the number of tensors of each. */
  aside: { name: string; tensors: number }[];
  /** What was assumed or left to know, a sentence each. */
  notes: string[];
}

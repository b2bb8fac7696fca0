import { beit } from './beit.js';
import { dino, ibot } from './dino.js';
import { dinov2 } from './dinov2.js';
import type { Family } from './family.js';
import { hfBeit } from './hf-beit.js';
import { hfClip, hfSiglip } from './hf-clip.js';
import { hfDinov2 } from './hf-dinov2.js';
import { hfDinov3 } from './hf-dinov3.js';
import { hfVit } from './hf-vit.js';
import { mae } from './mae.js';
import { mocov3 } from './mocov3.js';
import { openClip } from './open-clip.js';
import { plain } from './plain.js';
import { synclr, synclrPretraining } from './synclr.js';
import { timm } from './timm.js';

/** All families that are read; the first that knows an encoder reads it. */
export const FAMILIES: readonly Family[] = [
  ...[timm, synclrPretraining, ibot, dino, dinov2, mocov3, beit, mae, synclr, plain],
  ...[hfBeit, hfVit, hfDinov2, hfDinov3, hfClip, hfSiglip, openClip],
];

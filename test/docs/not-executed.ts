/**
 * Commands of README and docs that the test does not execute, with the reason; all of them are parsed. A line is known by how it begins,
 * `npx ` left out.
 */
export const NOT_EXECUTED: readonly { begins: string; why: string }[] = [
  {
    begins: 'synclr run --concepts parts.txt --out runs/served',
    why: 'needs two servers; test/openai-llama.test.ts and src/images/servers have them',
  },
  {
    begins: 'synclr run --concepts parts.txt --out runs/local',
    why: 'needs a GGUF file, a diffusion pipeline and a GPU',
  },
  { begins: 'synclr backgrounds --concepts parts.txt --out runs/parts-2', why: 'needs a server' },
  { begins: 'synclr run --concepts parts.txt --out runs/parts-2', why: 'needs a server' },
  ...['pixels --suite linear', '--suite segmentation'].map((rest) => ({
    begins: `synclr eval runs/tiny untrained:runs/tiny ${rest}`,
    why: 'a comparison takes no settings of a small run; test/compare-command.test.ts runs it',
  })),
  {
    begins: 'synclr eval --out runs/words',
    why: 'the settings of a small run are of another learner; test/nightly/image-text-run.test.ts runs it',
  },
  { begins: 'synclr ablate', why: 'takes long; test/ablate.test.ts runs a small grid' },
  { begins: 'synclr backend install cuda', why: 'fetches gigabytes' },
  { begins: 'synclr backend remove cuda', why: 'there is none to remove' },
  { begins: 'synclr train --out runs/mine --provider cuda', why: 'needs a GPU' },
  { begins: 'synclr train --preset gpu-b16 --plan h100', why: 'needs the CUDA plugin' },
  { begins: 'synclr backgrounds --writer openai', why: 'needs a server' },
  { begins: 'synclr captions --writer openai', why: 'needs a server' },
  { begins: 'synclr captions --captions.writer openai', why: 'needs a server' },
  { begins: 'synclr captions --writer gguf', why: 'needs a GGUF file' },
  { begins: 'synclr run --painter diffusion', why: 'needs a diffusion pipeline' },
  { begins: 'synclr images --images.painter a1111', why: 'needs a server' },
  ...[
    'synclr run --captions.source',
    'synclr run --corpus photos',
    'synclr train --corpus photos',
    'synclr train --corpus runs/mine=3',
    'synclr run --corpus runs/parts=3',
    'synclr train --corpus runs/models',
    'synclr eval --out runs/data',
  ].map((begins) => ({ begins, why: 'needs photographs or captions of one’s own; test/own-corpora.test.ts has them' })),
  ...[
    'synclr run --preset tiny --out runs/models',
    'synclr train --preset tiny --corpus data/cifar10',
    'synclr eval models=runs/models',
  ].map((begins) => ({ begins, why: 'takes long, and needs CIFAR-10' })),
  {
    begins: 'synclr eval runs/mine untrained:runs/mine --suite segmentation',
    why: 'needs label maps, and minutes; src/segmentation has some',
  },
  { begins: 'synclr eval runs/mine --protocol upernet', why: 'needs label maps; src/segmentation has some' },
  { begins: 'synclr encoders hf:', why: 'needs the hub; test/foreign-encoders.test.ts and src/encoders have one here' },
  {
    begins: 'synclr encoders checkpoint.pth',
    why: 'needs somebody else’s file; test/foreign-encoders.test.ts has one',
  },
  {
    begins: 'synclr eval runs/mine untrained:runs/mine pixels --protocol knn --eval pets=data/pets --out runs/seen',
    why: 'needs photos in classes; src/evaluation/pictures has a set',
  },
  { begins: 'synclr classify', why: 'needs photos of the concepts; test/classify.test.ts has what stands for them' },
  ...['synclr eval runs/mine --suite finetune', 'synclr eval runs/mine untrained:runs/mine --protocol finetune'].map(
    (begins) => ({
      begins,
      why: 'takes minutes; src/evaluation/protocols/finetune.test.ts fine-tunes a small network',
    }),
  ),
  { begins: 'synclr embed photos --encoder hf:', why: 'needs the hub' },
  { begins: 'synclr eval --out runs/dinov2 --checkpoint hf:', why: 'needs the hub' },
  ...['synclr eval runs/mine', 'synclr eval ours=runs/mine', 'synclr train --out runs/mine --probe.every'].map(
    (begins) => ({
      begins,
      why: 'needs data sets or the hub, and minutes; test/compare-command.test.ts and test/probe-during.test.ts have small ones',
    }),
  ),
];

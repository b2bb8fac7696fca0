import { settingGroups, settingLeaves, showValue } from './leaves.js';
import { DEFAULT_PRESET, PRESETS } from './presets.js';
import { checkSettings, getPath } from './resolve.js';

/** What each group is about, for the reader of docs/settings.md. */
const GROUPS: Readonly<Record<string, string>> = {
  seed: 'The run',
  concepts: 'Concepts: where they come from, which are kept out of training',
  captions: 'Captions (g1)',
  images: 'Images (g2)',
  views: 'Views: crops, augmentations, masks',
  model: 'Model: the ViT',
  learn: 'Learner: what the encoder learns by, its losses and heads ([learners](learners.md))',
  optim: 'Optimisation: AdamW and its schedules',
  train: 'Training',
  probe: 'Probes',
  runtime: 'Runtime: only these settings leave the result as it is',
};

/** docs/settings.md, from the schema and the presets. */
export function settingsMarkdown(): string {
  const out = [
    '# Settings',
    '',
    'Written by `npm run docs:settings` from `src/config/schema.ts`; change it there. The same as JSON Schema: [config.schema.json](config.schema.json).',
    '',
    'Every setting is a name in a JSON file (`--config FILE`) and a flag by its dotted path:',
    '',
    '```sh',
    'synclr run --out runs/wide --views.globalSize 48 --views.globalScale 0.2,1 --no-probe.baselines',
    '```',
    '',
    '```json',
    '{ "$schema": "./config.schema.json", "preset": "tiny", "views": { "globalSize": 48, "globalScale": [0.2, 1] }, "probe": { "baselines": false } }',
    '```',
    '',
    '`$schema` may be left out; editors complete and check by it: `synclr schema > config.schema.json`, or docs/config.schema.json of the package.',
    '',
    'Later sources win: defaults < preset < file < flags. A name that is not listed here is refused, and so is a value out of its range',
    'or one that does not fit the others (a crop that the patch does not divide, more warm-up than steps …). The resolved settings of a',
    'run stand in its `config.json`; `--config RUN/config.json` repeats it elsewhere.',
    '',
    'Settings that change results are fixed for a folder as soon as a stage that depends on them has written something there. `runtime.*`',
    'changes only speed (and rounding) and may differ at any time; so may `probe.*`, whose results are then measured again, and how often training',
    'checkpoints and measures its health.',
    '',
  ];
  for (const group of settingGroups()) {
    out.push(`## ${GROUPS[group] ?? group}`, '', '| setting | default | accepts | meaning |', '|---|---|---|---|');
    for (const l of settingLeaves().filter((x) => x.path === group || x.path.startsWith(`${group}.`))) {
      const given = l.default === undefined ? '–' : `\`${showValue(l.default)}\``;
      out.push(`| \`${l.path}\` | ${given} | ${l.expected} | ${l.about} |`);
    }
    out.push('');
  }
  out.push('## Presets', '', 'What each sets beside the defaults above.', '');
  for (const [name, preset] of Object.entries(PRESETS)) {
    out.push(`### \`${name}\`${name === DEFAULT_PRESET ? ' (the default)' : ''}`, '', `${sentence(preset.about)}.`, '');
    const settings = checkSettings(preset.settings);
    const changed = settingLeaves()
      .map((l) => ({ path: l.path, value: getPath(settings, l.path), given: l.default }))
      .filter(({ value, given }) => value !== undefined && JSON.stringify(value) !== JSON.stringify(given));
    out.push(changed.map(({ path, value }) => `\`${path}\` ${showValue(value)}`).join(' · '), '');
  }
  return `${out.join('\n').trimEnd()}\n`;
}

function sentence(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

import { isLanguageWriter, WRITER_NAMES } from '../config/names.js';
import type { ImageRecord } from '../corpus/image-shards.js';
import { textOf } from '../formats/json.js';
import { percent } from '../probe/table.js';
import { type Html, html } from './html.js';
import type { Made, RunData } from './run-data.js';
import { many } from './words.js';

/** Characters of a model's digest that are shown. */
const HASH_SHOWN = 16;

type Row = [name: string, value: string | undefined];

/** How captions and images were made: by which writer and painter, with which models and settings, and what was thrown away on the way. */
export function makingCard(run: RunData): Html | undefined {
  const { captions, images } = run;
  if (!captions) return undefined;
  const parts: [title: string, rows: Row[]][] = [['captions (g1)', captionRows(run, captions)]];
  if (images) parts.push(['images (g2)', imageRows(run, images)]);
  return html`<h3>How it was made</h3><div class="card settings">${parts.map(([title, rows]) => html`<section><h3>${title}</h3><dl>${rows.map(([name, value]) => value !== undefined && value !== '' && html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`)}</div>`;
}

function captionRows(run: RunData, made: Made): Row[] {
  const { done, rejected } = made;
  const writer = ofSamples(run, 'writer');
  const rows: Row[] = [
    ['writer', writer],
    ['model', ofSamples(run, 'writerModel')],
  ];
  // Captions of the user's own come from no concepts and no model.
  if (writer === 'own') rows.push(['captions', setting(made, 'captions.source')]);
  else
    rows.push(['concepts', setting(made, 'concepts.source')], ['backgrounds', setting(made, 'concepts.backgrounds')]);
  if (writer !== 'own' && !WRITER_NAMES.some((name) => name === writer && !isLanguageWriter(name)))
    rows.push(
      ['temperature, top-p', [setting(made, 'captions.temperature'), setting(made, 'captions.topP')].join(', ')],
      ['tokens at most', setting(made, 'captions.maxTokens')],
    );
  const { thrown, kept, list } = tally(rejected);
  const share = thrown > 0 ? `${many(thrown)}, ${percent(thrown / (thrown + done))} % of all` : '0';
  rows.push(['rejected', share], ['reasons', list], ['kept all the same', kept]);
  return rows;
}

function imageRows(run: RunData, made: Made): Row[] {
  const { thrown, kept } = tally(made.rejected);
  const painted = ofSamples(run, 'paintSize') || undefined;
  return [
    ['painter', ofSamples(run, 'painter')],
    ['model', ofSamples(run, 'painterModel')],
    ['identified by', ofSamples(run, 'painterHash')?.slice(0, HASH_SHOWN)],
    ['scheduler', ofSamples(run, 'scheduler')],
    ['steps', ofSamples(run, 'steps')],
    ['guidance', ofSamples(run, 'guidance')],
    ['guidance rescaled by', ofSamples(run, 'guidanceRescale')],
    ['negative prompt', ofSamples(run, 'negative')],
    ['side', `${ofSamples(run, 'size')} px${painted ? `, painted at ${painted} px` : ''}`],
    ['JPEG quality', setting(made, 'images.quality')],
    ['repainted (blank)', many(thrown)],
    ['kept all the same', kept],
  ];
}

/** What the shown samples say of themselves; several values where a model changed on the way. */
function ofSamples({ samples }: RunData, key: keyof ImageRecord): string | undefined {
  const values = samples.map(({ record }) => (record as Partial<ImageRecord>)[key]).filter((v) => v !== undefined);
  return values.length > 0 ? [...new Set(values.map(textOf))].join('; ') : undefined;
}

/** A setting that the shards were made with. */
function setting({ settings }: Made, path: string): string | undefined {
  const value = settings[path];
  return value === undefined ? undefined : textOf(value);
}

/** Counts of what was thrown away, and of what was taken nevertheless. */
function tally(counts: Readonly<Record<string, number>>): { thrown: number; kept?: string; list: string } {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const kept = entries.filter(([reason]) => reason.endsWith(', kept'));
  const thrown = entries.filter(([reason]) => !reason.endsWith(', kept'));
  return {
    thrown: thrown.reduce((sum, [, n]) => sum + n, 0),
    kept: kept.length > 0 ? kept.map(([reason, n]) => `${many(n)} ${reason.slice(0, -6)}`).join(', ') : undefined,
    list: thrown.map(([reason, n]) => `${many(n)} ${reason}`).join(', '),
  };
}

import { z } from 'zod';
import { isDecayed } from '../../finetune/groups.js';
import { rateAt } from '../../finetune/schedule.js';
import { isObject, readJsonAs } from '../../formats/json.js';
import { dropPathRates } from '../../learn/drop-path.js';
import { lrScale } from '../../learn/layer-decay.js';
import { absolute } from './finetune-compare.js';
import type { Check } from './index.js';

const number = z.number();
/** Name → scale of the rate, weight decay. */
const groups = z.record(z.string(), z.tuple([number, number]));
/** One network, by how its feature is made. */
const network = z.looseObject({ authors: groups, timm_that_differ: groups.optional() });
const common = z.looseObject({ depth: z.int().positive(), layer_decay: number, weight_decay: number });
const schedule = z.looseObject({
  epochs: number,
  warmup_epochs: number,
  peak: number,
  min_lr: number,
  epoch_lr_lrOfScale0_3: z.array(z.tuple([number, number, number])),
});
const file = z.looseObject({
  layer_decay: z.looseObject({}).optional(),
  schedule: z.record(z.string(), schedule).optional(),
  drop_path: z.record(z.string(), z.array(number)).optional(),
});

export function isGroups(json: unknown): boolean {
  const j = file.safeParse(json).data;
  return !!j && (j.schedule !== undefined || j.drop_path !== undefined || networks(j.layer_decay ?? {}).length > 0);
}

/** Which rate each parameter has, in both conventions; rates over training; drop path's rates over depth. */
export async function* verifyGroups(path: string): AsyncIterable<Check> {
  const j = await readJsonAs(path, file);
  for (const [key, { depth, layerDecay, weightDecay, network: n }] of networks(j.layer_decay ?? {})) {
    for (const finalNorm of ['head', 'block'] as const) {
      const expected = finalNorm === 'head' ? n.authors : { ...n.authors, ...n.timm_that_differ };
      let [scale, decay] = [0, 0];
      for (const [name, [s, d]] of Object.entries(expected)) {
        scale = Math.max(scale, Math.abs(lrScale(name, { depth, layerDecay, finalNorm }) - s) / s);
        decay = Math.max(decay, Math.abs((isDecayed(name, shapeOf(name)) ? weightDecay : 0) - d));
      }
      yield { name: `${key}, final norm with the ${finalNorm}: scales`, off: scale, bar: 1e-12 };
      yield { name: `${key}, final norm with the ${finalNorm}: decay`, off: decay, bar: 0 };
    }
  }
  for (const [name, s] of Object.entries(j.schedule ?? {})) {
    const { epochs, warmup_epochs: warmupEpochs, peak, min_lr: least, epoch_lr_lrOfScale0_3: rows } = s;
    const off = rows.map(([epoch, lr, scaled]) => {
      const ours = rateAt({ peak, least, warmupEpochs, epochs }, epoch);
      return Math.max(Math.abs(ours - lr), Math.abs(ours * 0.3 - scaled)) / peak;
    });
    yield { name: `schedule ${name}`, off: Math.max(0, ...off), bar: 1e-12 };
  }
  for (const [name, rates] of Object.entries(j.drop_path ?? {})) {
    const [largest, depth] = name.split('x').map(Number);
    yield { name: `drop path ${name}`, off: absolute(dropPathRates(largest, depth), rates), bar: 1e-7 };
  }
}

interface Network {
  depth: number;
  layerDecay: number;
  weightDecay: number;
  network: z.output<typeof network>;
}

/** Networks of one setting, or of several, each with its own. */
function networks(all: Record<string, unknown>, above?: Omit<Network, 'network'>, key = ''): [string, Network][] {
  const own = common.safeParse(all).data;
  const settings = own ? { depth: own.depth, layerDecay: own.layer_decay, weightDecay: own.weight_decay } : above;
  const found = network.safeParse(all).data;
  if (found && settings) return [[key, { ...settings, network: found }]];
  return Object.entries(all).flatMap(([name, value]) =>
    isObject(value) && !groups.safeParse(value).success ? networks(value, settings, key ? `${key} ${name}` : name) : [],
  );
}

/** The form of a tensor of that name: what counts is how many axes it has. */
function shapeOf(name: string): number[] {
  if (/(?:token|pos_embed)$/.test(name)) return [1, 2, 2];
  if (/relative_position_bias_table$/.test(name)) return [2, 2];
  const [layer = '', kind] = name.split('.').slice(-2);
  const isVector = kind === 'bias' || kind === 'gamma' || (kind === 'weight' && /norm|bn/.test(layer));
  return isVector ? [2] : [2, 2];
}

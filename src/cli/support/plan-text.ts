import type { TrainingPlan } from '../../learn/plan.js';
import { CARDS } from '../../runtime/xla/targets/index.js';
import type { Plan } from '../../runtime/xla/topology.js';
import { count as number } from './format.js';

const GIB = 2 ** 30;
const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

/** What `--plan` prints. */
export function planText(p: TrainingPlan): string {
  const { card, count } = p.target;
  const several = count > 1;
  const lines = [
    `${several ? `${count} × ` : ''}${CARDS[card].name}: ${number(p.images)} images a batch${several ? `, ${p.images / count} a card` : ''}, ${p.precision}, ${p.attention === 'plain' ? 'plain attention' : 'cuDNN’s attention'}`,
  ];
  for (const { name, plan } of p.programs) lines.push(...programText(name, plan, several));
  lines.push(`arithmetic       ${(p.operations / 1e12).toFixed(1)} TFLOP a batch${several ? ', over all cards' : ''}`);
  const fits = p.needs <= p.has;
  lines.push(
    fits
      ? `It fits: ${gib(p.needs)} of ${gib(p.has)} that a card has for it; so would about ${number(p.captionsThatFit)} captions a batch (train.captionsPerBatch).`
      : `It does not fit: ${gib(p.needs)}, a card has ${gib(p.has)}. About ${number(p.captionsThatFit)} captions a batch would fit (train.captionsPerBatch), with optim.accumulate for the rest; or set runtime.recompute true${several ? ' or runtime.shard optimizer' : ', or take more cards'}.`,
  );
  return lines.join('\n');
}

function programText(name: string, { memory, collectives, calls, seconds }: Plan, several: boolean): string[] {
  const attention = Object.entries(calls).filter(([target]) => target.startsWith('__cudnn$fmha'));
  const moved = Object.entries(collectives).map(
    ([kind, { count, bytes }]) => `${count} ${kind} (${(bytes / 2 ** 20).toFixed(0)} MiB)`,
  );
  return [
    `${name.padEnd(16)} peak ${gib(memory.peak)} a card: state and batch ${gib(memory.arguments)}, while it runs ${gib(memory.temp)}; compiled in ${seconds.toFixed(0)} s`,
    ...(attention.length > 0
      ? [`  attention      ${attention.map(([target, n]) => `${n} × ${target}`).join(', ')}`]
      : []),
    ...(several ? [`  between cards  ${moved.join(', ') || 'nothing'} a batch`] : []),
  ];
}

import { lit } from '../../colour.js';
import { rect } from '../../pen.js';
import type { Plan } from '../../plan.js';
import { GLASS, paintwork, TYRE, wheel, windows } from './bodywork.js';

/** Buses, coaches, trams, railway carriages and engines. */
export const bus: Plan = (pen, look) => {
  const body = paintwork(look);
  const rail = look.t('rail') > 0.5;
  const h = look.between('height', 0.7, 1.15);
  const floor = 0.86;
  const top = floor - h;
  const n = 4 + Math.floor(look.t('windows') * 5);
  if (look.view === 'front') {
    const w = 0.55;
    pen.box(-w, -0.85, 2 * w, 1.7, body, 0.12);
    pen.box(-w * 0.85, -0.6, w * 1.7, 0.7, { colour: GLASS, gloss: 0.6 }, 0.06);
    pen.fill(rect(-w, 0.3, 2 * w, 0.14), look.second.colour);
    for (const s of [-1, 1]) pen.ellipse(s * w * 0.75, 0.58, 0.1, 0.08, { colour: [250, 244, 206], gloss: 0.8 });
    for (const s of [-1, 1]) pen.box(s * w * 0.75 - 0.12, 0.82, 0.24, 0.18, { colour: TYRE }, 0.04);
    return;
  }
  pen.box(-1, top, 2, h, body, look.between('round', 0.03, 0.2));
  pen.fill(rect(-1, floor - h * look.between('band', 0.2, 0.45), 2, h * 0.14), look.second.colour, 0.95);
  windows(pen, -0.94, 0.9, top + h * 0.14, top + h * 0.5, n);
  if (look.t('decks') > 0.8) windows(pen, -0.94, 0.9, top + h * 0.6, top + h * 0.82, n);
  pen.box(0.72, top + h * 0.2, 0.16, h * 0.75, { colour: lit(GLASS, 0.8), gloss: 0.3 });
  if (rail) {
    for (let i = 0; i < 6; i++) pen.ellipse(-0.8 + i * 0.32, 0.92, 0.09, 0.09, { colour: [52, 52, 56] });
    if (look.t('steam') > 0.6) {
      pen.box(0.55, top - 0.25, 0.16, 0.3, look.dark);
      for (let i = 0; i < 4; i++)
        pen.ellipse(0.55 - i * 0.22, top - 0.35 - i * 0.1, 0.13 + i * 0.05, 0.11 + i * 0.04, {
          colour: [214, 214, 216],
          clear: 0.3,
        });
    }
  } else for (const x of [-0.62, 0.58]) wheel(pen, look, x, 0.86, 0.14);
};

import type { Plan } from '../../plan.js';
import { shade, shape, smoothed, tube } from '../sketch.js';
import { GLOW, glow } from './light.js';

/** A desk lamp: a weighty foot, two arms with joints, a conical or flat head that looks down. */
export const deskLamp: Plan = (pen, look) => {
  const { rng } = look;
  const s = look.told.material ? look.main : smoothed(look, 0.5);
  const on = rng.chance(0.6);
  const back = look.between('lean', 0.18, 0.42) + rng.range(-0.06, 0.06);
  const elbow = [-0.3 - back, -0.05 + rng.range(-0.08, 0.08)] as const;
  const neck = [0.12 + rng.range(-0.08, 0.08), -0.72 + rng.range(-0.06, 0.08)] as const;
  const foot = [-0.3, 0.86] as const;
  pen.ellipse(foot[0], 0.93, 0.42, 0.1, shade(s, 0.7));
  pen.ellipse(foot[0], 0.88, 0.42, 0.1, s);
  const arm = look.t('arm metal') > 0.5 ? { colour: [170, 172, 178] as const, gloss: 0.6 } : s;
  const metal = { ...arm, colour: [...arm.colour] as [number, number, number] };
  const twin = look.t('springs') > 0.4;
  for (const o of twin ? [-0.035, 0.035] : [0]) {
    tube(pen, `M${foot[0] + o} ${foot[1]}L${elbow[0] + o} ${elbow[1]}`, metal, twin ? 0.045 : 0.07);
    tube(pen, `M${elbow[0]} ${elbow[1] + o}L${neck[0]} ${neck[1] + o}`, metal, twin ? 0.045 : 0.07);
  }
  pen.ellipse(elbow[0], elbow[1], 0.075, 0.075, shade(s, 0.6));
  pen.ellipse(foot[0], foot[1] - 0.02, 0.07, 0.06, shade(s, 0.6));
  const tilt = rng.range(-0.55, -0.15);
  pen.at(neck[0], neck[1], 1, tilt, () => {
    if (look.t('bar') > 0.75) {
      if (on) glow(pen, 0.42, 0.2, 0.6, 0.5);
      shape(pen, 'M-0.06 -0.08H0.86Q0.92 -0.08 0.92 -0.02V0.04H-0.06Z', s);
      shape(pen, 'M0.02 0.04H0.86V0.08H0.02Z', { colour: on ? GLOW : [226, 226, 220] }, 0.2);
      return;
    }
    if (on) glow(pen, 0.38, 0.62, 0.8, 0.55);
    const round = look.t('dome') > 0.5;
    shape(pen, 'M-0.02 -0.16H0.24L0.28 0H-0.04Z', shade(s, 0.85));
    const rim = { colour: on ? GLOW : ([214, 212, 204] as const), gloss: 0.2 };
    shape(
      pen,
      round
        ? 'M-0.28 0.44C-0.3 0.1 -0.06 -0.04 0.14 -0.04C0.36 -0.04 0.6 0.12 0.62 0.44Z'
        : 'M-0.04 -0.02H0.3L0.62 0.46H-0.34Z',
      s,
    );
    pen.ellipse(0.14, 0.45, round ? 0.45 : 0.48, 0.1, { ...rim, colour: [...rim.colour] });
    pen.ellipse(0.14, 0.47, 0.13, 0.1, { colour: on ? [255, 252, 236] : [240, 238, 230], gloss: 0.4 });
  });
  tube(pen, `M${neck[0]} ${neck[1]}L${neck[0] + 0.1} ${neck[1] - 0.04}`, metal, 0.06);
};

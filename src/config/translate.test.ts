import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveSettings } from './resolve.js';
import { translated } from './translate.js';

const EARLIER = {
  model: { dim: 96, contrastHidden: 96, contrastOut: 32, contrastNorm: 'batch', prototypes: 128 },
  objective: { temperature: 0.2, ibot: 0.5, centering: 'centering' },
  optim: { lr: 1e-3, ema: [0.9, 0.99] },
};

it('settings of the first versions mean what they meant', () => {
  const dir = mkdtempSync(join(tmpdir(), 'synclr-earlier-'));
  const file = join(dir, 'settings.json');
  try {
    writeFileSync(file, JSON.stringify(EARLIER));
    const s = resolveSettings({ file, preset: 'tiny' });
    expect(s.learn).toMatchObject({
      ...{ method: 'synclr', projectionHidden: 96, projectionWidth: 32, headNorm: 'batch', prototypes: 128 },
      ...{ temperature: 0.2, ibot: 0.5, centering: 'centering', ema: [0.9, 0.99] },
    });
    expect(s.model).not.toHaveProperty('contrastHidden');
    expect(s.optim).toMatchObject({ lr: 1e-3 });
    expect(s.optim).not.toHaveProperty('ema');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

it('a setting under both its names is refused, and today’s are left as they are', () => {
  const both = { objective: { temperature: 0.2 }, learn: { temperature: 0.1 } };
  expect(() => translated(both, 'a.json')).toThrow(
    'a.json: objective.temperature is the earlier name of learn.temperature, which is there too: make them one',
  );
  const now = { learn: { method: 'simclr' }, model: { dim: 64 } };
  expect(translated(now)).toBe(now);
});

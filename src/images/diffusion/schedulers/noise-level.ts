const f = Math.fround;

/** A point of the diffusion: x = alpha · x₀ + sigma · ε, and half its log signal-to-noise ratio, the time of the exponential integrators. */
export interface NoiseLevel {
  /** σ as the schedule lists it. */
  given: number;
  alpha: number;
  sigma: number;
  lambda: number;
}

/**
 * The levels of a schedule of σ = noise ÷ signal (variance-preserving diffusion), or of flow matching's σ with x = (1 − σ) · x₀ + σ · ε.
 * All in float32, as torch computes them.
 */
export function noiseLevels(sigmas: Float32Array, flow: boolean): NoiseLevel[] {
  return Array.from(sigmas, (given) => {
    const alpha = flow ? f(1 - given) : f(1 / f(Math.sqrt(f(f(given * given) + 1))));
    const sigma = flow ? given : f(given * alpha);
    return { given, alpha, sigma, lambda: f(f(Math.log(alpha)) - f(Math.log(sigma))) };
  });
}

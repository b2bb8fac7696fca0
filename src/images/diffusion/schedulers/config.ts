import { UserError } from '../../../errors.js';

/**
 * Settings that any scheduler class of Hugging Face diffusers takes. A `scheduler_config.json` carries leftovers of classes it was converted
 * from; those have no effect, as in diffusers. A key that is in no class is a slip of the pen and is refused.
 */
const KNOWN_KEYS: ReadonlySet<string> = new Set(
  `num_train_timesteps beta_start beta_end beta_schedule trained_betas rescale_betas_zero_snr prediction_type predict_epsilon timestep_spacing
  timestep_type timestep_scaling steps_offset interpolation_type clip_sample clip_sample_range thresholding dynamic_thresholding_ratio
  sample_max_value set_alpha_to_one skip_prk_steps use_karras_sigmas use_exponential_sigmas use_beta_sigmas use_lu_lambdas use_flow_sigmas
  flow_shift final_sigmas_type sigma_min sigma_max sigma_data sigma_schedule rho solver_order solver_type solver_p algorithm_type
  lower_order_final euler_at_final lambda_min_clipped variance_type predict_x0 disable_corrector predictor_order corrector_order tau_func
  original_inference_steps shift base_shift max_shift base_image_seq_len max_image_seq_len invert_sigmas shift_terminal use_dynamic_shifting
  time_shift_type stochastic_sampling snr_shift_scale clip_denoised noise_sampler_seed s_noise s_churn s_min s_max snr sampling_eps
  correct_steps beta_min beta_max scaler s num_vec_classes alpha_cum_start alpha_cum_end gamma_cum_start gamma_cum_end masking_schedule
  mask_token_id skip_type tensor_format timestep_values`.split(/\s+/),
);

/** Far more than any model was trained on; a table of as many is still made at once. */
export const MOST_TIMESTEPS = 1_000_000;

/** The settings of one scheduler, read key by key with the class's defaults. Every mistake is one line that names file, key, value and choices. */
export class SchedulerConfig {
  readonly file: string;
  private readonly values: Readonly<Record<string, unknown>>;

  /** @throws UserError if `config` is no JSON object or has a key that no scheduler knows */
  constructor(config: unknown, file: string) {
    if (config === null || typeof config !== 'object' || Array.isArray(config))
      throw new UserError(`${file}: a scheduler's settings are a JSON object, this is ${describe(config)}`);
    const given = config as Record<string, unknown>;
    for (const key of Object.keys(given))
      if (!key.startsWith('_') && !KNOWN_KEYS.has(key))
        throw new UserError(`${file}: unknown key "${key}": no scheduler of diffusers has such a setting`);
    // Keys that diffusers marks as filled in by the class that wrote them are not the user's choice; another class puts its own defaults there.
    const filledIn = given._use_default_values;
    const dropped = new Set(Array.isArray(filledIn) ? filledIn : []);
    this.values = Object.fromEntries(Object.entries(given).filter(([key]) => !dropped.has(key)));
    this.file = file;
  }

  /** `_class_name`, or undefined. */
  get className(): string | undefined {
    const name = this.values._class_name;
    return typeof name === 'string' ? name : undefined;
  }

  /** A finite number. */
  number(key: string, fallback: number): number {
    return this.optionalNumber(key) ?? fallback;
  }

  /** A finite number, or undefined where the key is absent or null. */
  optionalNumber(key: string): number | undefined {
    const value = this.values[key] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.wrong(key, 'a number');
    return value;
  }

  /** A finite number of at least `least` and at most `most`; with `open`, neither of these themselves. */
  within(key: string, fallback: number, least: number, most = Number.POSITIVE_INFINITY, { open = false } = {}): number {
    return this.optionalWithin(key, least, most, { open }) ?? fallback;
  }

  /** As `within`, or undefined where the key is absent or null. */
  optionalWithin(
    key: string,
    least: number,
    most = Number.POSITIVE_INFINITY,
    { open = false } = {},
  ): number | undefined {
    const value = this.optionalNumber(key);
    if (value === undefined) return undefined;
    const inside = open ? value > least && value < most : value >= least && value <= most;
    if (inside) return value;
    if (most === Number.POSITIVE_INFINITY) throw this.wrong(key, open ? `more than ${least}` : `${least} or more`);
    throw this.wrong(key, `between ${least} and ${most}`);
  }

  /** `num_train_timesteps`. */
  trainSteps(): number {
    return this.integer('num_train_timesteps', 1000, 1, MOST_TIMESTEPS);
  }

  /** Keys that are set and mean something to a scheduler, for messages. */
  get keys(): string[] {
    return Object.keys(this.values).filter((key) => !key.startsWith('_') && (this.values[key] ?? null) !== null);
  }

  /** An integer of at least `least` and at most `most`. */
  integer(key: string, fallback: number, least: number, most = Number.POSITIVE_INFINITY): number {
    const value = this.number(key, fallback);
    if (!Number.isInteger(value) || value < least) throw this.wrong(key, `an integer of ${least} or more`);
    if (value > most) throw this.wrong(key, `an integer of ${most} or less`);
    return value;
  }

  /** A threshold that may be −∞ (see parsePythonJson). */
  lowerBound(key: string): number {
    const value = this.values[key] ?? Number.NEGATIVE_INFINITY;
    if (value === '-Infinity' || value === '-inf') return Number.NEGATIVE_INFINITY;
    if (typeof value !== 'number' || Number.isNaN(value)) throw this.wrong(key, 'a number or -Infinity');
    return value;
  }

  /** true or false; null counts as false, as in Python. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.values[key];
    if (value === undefined) return fallback;
    if (value === null) return false;
    if (typeof value !== 'boolean') throw this.wrong(key, 'true or false');
    return value;
  }

  /** One of `choices`; `aliases` are values of sister classes and what this class takes for them. */
  choice<T extends string>(
    key: string,
    choices: readonly T[],
    fallback: T,
    aliases: Readonly<Record<string, T>> = {},
  ): T {
    const value = this.values[key];
    if (value === undefined) return fallback;
    if (typeof value === 'string') {
      if ((choices as readonly string[]).includes(value)) return value as T;
      if (Object.hasOwn(aliases, value)) return aliases[value];
    }
    throw this.wrong(key, `one of ${choices.join(', ')}`);
  }

  /** A list of finite numbers, or undefined where the key is absent or null. */
  numbers(key: string): number[] | undefined {
    const value = this.values[key] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.some((v) => typeof v !== 'number' || !Number.isFinite(v)))
      throw this.wrong(key, 'a list of numbers');
    return value;
  }

  /** Refuses a key that is set although this implementation has no such thing. */
  refuse(key: string, why: string): void {
    if ((this.values[key] ?? null) !== null) throw new UserError(`${this.file}: ${key}: ${why}; leave it out`);
  }

  /** At most one of these flags may be true. */
  exclusive(keys: readonly string[]): void {
    const on = keys.filter((key) => this.flag(key, false));
    if (on.length > 1)
      throw new UserError(`${this.file}: only one of ${keys.join(', ')} can be true, not ${on.join(' and ')}`);
  }

  /** The error of a key whose value is not what it must be. */
  wrong(key: string, expected: string): UserError {
    return new UserError(`${this.file}: ${key}: ${describe(this.values[key])} is not ${expected}`);
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

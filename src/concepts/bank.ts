import { stat } from 'node:fs/promises';
import type { Draw } from '../captions/record.js';
import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import type { Rng } from '../rng.js';
import { authorsPools } from './authors-bank.js';
import { type BackgroundsRead, withBackgrounds } from './background-file.js';
import { COMPANIONS, SIDES, type Side } from './companions.js';
import type { Concept } from './concept.js';
import { filePools, namedPools } from './file-bank.js';
import { type Background, backgroundsOf, type Habitat } from './gazetteer.js';
import { heldOutNames } from './held-out.js';
import { type Company, KINDS, type Kind } from './kinds.js';
import { senseOfName } from './sense.js';
import { wordnetPools } from './wordnet-bank.js';

export type { Concept } from './concept.js';

/** Concepts of one source, drawn together. */
export interface Pool {
  readonly source: string;
  /** Share of the draws, 0…1. */
  readonly share: number;
  readonly concepts: readonly Concept[];
}

/** Templates of objects (paper, Table 11): concept alone, in a relation, with a background. */
export const TEMPLATE_MIX = { concept: 0.44, relation: 0.11, background: 0.45 } as const;

const RELATION_NAMES = Object.keys(SIDES);

export interface BankSummary {
  /** Concepts that are drawn. */
  concepts: number;
  heldOut: number;
  /** By source: concepts drawn, held out, and the share of the draws. */
  sources: Record<string, { concepts: number; heldOut: number; share: number }>;
}

/** Concepts and how often each is drawn. */
export interface ConceptBank {
  /** Concepts of training, in order of source and frequency. */
  readonly concepts: readonly Concept[];
  /** Concepts that no draw names, neither as concept nor as companion. */
  readonly heldOut: readonly Concept[];
  /** Why none are held out, in a line, where none are. */
  readonly noneHeldOut?: string;
  /** What the file of `concepts.backgrounds` did, where one is set. */
  readonly backgrounds?: BackgroundsRead;
  /**
   * What caption `id` will be about.
   * @param rng the draw's own generator, `Rng.of(seed, 'draw', id)`: the draw depends on nothing else.
   */
  draw(rng: Rng, id: number): Draw;
  /** A draw of this concept (e.g. of a held-out one), template and the rest drawn as usual. */
  drawOf(concept: Concept, rng: Rng, id: number): Draw;
  describe(): BankSummary;
}

/**
 * Opens the concept bank of the settings.
 * @throws UserError for a source that is no bank, a missing, empty or malformed file, of concepts or of backgrounds.
 */
export async function loadConceptBank(settings: Settings): Promise<ConceptBank> {
  const { source, limit, heldOut, backgrounds } = settings.concepts;
  const pools = await openPools(source, limit);
  if (backgrounds === '') return new WeightedBank(pools, heldOut);
  const own = await withBackgrounds(pools, backgrounds);
  return new WeightedBank(own.pools, heldOut, own.read);
}

/** The bank of one concept that a text names. @throws UserError where it is no name */
export const bankOfOne = (name: string): ConceptBank => new WeightedBank(namedPools(name), 0);

/**
 * All concepts of a bank, held-out ones among them, in its order.
 * @param source as `concepts.source`
 * @throws UserError as {@link loadConceptBank}
 */
export async function conceptsOf(source: string): Promise<Concept[]> {
  return (await openPools(source, Number.POSITIVE_INFINITY)).flatMap((pool) => pool.concepts);
}

async function openPools(source: string, limit: number): Promise<Pool[]> {
  if (source === 'wordnet') return wordnetPools(limit);
  const info = await stat(source).catch(() => undefined);
  const choices = 'choices: wordnet, a file (.txt, .csv, .json), or a folder with labels.json';
  if (!info) {
    const looksLikePath = /[./\\]/.test(source);
    throw new UserError(
      looksLikePath
        ? `concepts.source: no such file or folder: ${source} (${choices})`
        : `concepts.source: unknown bank "${source}" (${choices})`,
    );
  }
  const pools = info.isDirectory() ? await authorsPools(source) : await filePools(source, limit);
  return trim(pools, limit);
}

/** The first `limit` concepts by frequency; a pool that loses all of them goes. Equal frequencies keep the file's order. */
function trim(pools: readonly Pool[], limit: number): Pool[] {
  const all = pools.flatMap((pool) =>
    pool.concepts.map((concept, i) => ({ concept, pool, at: i / pool.concepts.length })),
  );
  if (all.length <= limit) return [...pools];
  all.sort((x, y) => y.concept.frequency - x.concept.frequency || x.at - y.at);
  const kept = new Set(all.slice(0, limit).map((x) => x.concept));
  const left = pools
    .map((pool) => ({ ...pool, concepts: pool.concepts.filter((c) => kept.has(c)) }))
    .filter((pool) => pool.concepts.length > 0);
  const total = left.reduce((sum, p) => sum + p.share, 0);
  return left.map((pool) => ({ ...pool, share: pool.share / total }));
}

type Related = Pick<Draw, 'related' | 'relatedSort' | 'relatedSynset' | 'relatedHead' | 'relatedDrawAs'>;

/** The second thing of a relation, with what it is. */
function relatedTo({
  name,
  sort,
  synset,
  head,
  drawAs,
}: Pick<Concept, 'name' | 'sort' | 'synset' | 'head' | 'drawAs'>): Related {
  return {
    related: name,
    relatedSort: sort,
    ...(synset ? { relatedSynset: synset } : {}),
    ...(head ? { relatedHead: head } : {}),
    ...(drawAs ? { relatedDrawAs: drawAs } : {}),
  };
}

/** A draw of nothing but the concept: no background, no other thing. */
export function drawAlone({ kind, name, source, sort, synset, head, drawAs }: Concept, id: number): Draw {
  return {
    id,
    template: 'concept',
    kind,
    concept: name,
    source,
    sort,
    ...(synset ? { synset } : {}),
    ...(head ? { head } : {}),
    ...(drawAs ? { drawAs } : {}),
  };
}

class WeightedBank implements ConceptBank {
  readonly concepts: readonly Concept[];
  readonly heldOut: readonly Concept[];
  readonly noneHeldOut?: string;
  readonly backgrounds?: BackgroundsRead;
  private readonly pools: readonly { pool: Pool; cumulative: Float64Array }[];
  private readonly summary: BankSummary;
  /** Concepts of training that can stand beside a company. */
  private readonly company = new Map<Company, Concept[]>();
  private readonly companions = new Map<string, readonly string[]>();

  constructor(pools: readonly Pool[], share: number, backgrounds?: BackgroundsRead) {
    this.backgrounds = backgrounds;
    // A name that several sources list is held out from all of them.
    const all = new Set(pools.flatMap((p) => p.concepts.map((c) => c.name.toLowerCase())));
    const { names, none } = heldOutNames(all, share);
    this.noneHeldOut = none;
    const isOut = (c: Concept) => names.has(c.name.toLowerCase());
    const left = pools
      .map((pool) => ({ ...pool, concepts: pool.concepts.filter((c) => !isOut(c)) }))
      .filter((p) => p.concepts.length > 0);
    const total = left.reduce((sum, p) => sum + p.share, 0);
    this.concepts = left.flatMap((p) => p.concepts);
    this.heldOut = pools.flatMap((p) => p.concepts).filter(isOut);
    this.pools = left.map((pool) => {
      const cumulative = new Float64Array(pool.concepts.length);
      let sum = 0;
      pool.concepts.forEach((c, i) => {
        cumulative[i] = sum += c.frequency;
      });
      return { pool: { ...pool, share: pool.share / total }, cumulative };
    });
    this.summary = { concepts: this.concepts.length, heldOut: this.heldOut.length, sources: {} };
    for (const { source, concepts } of pools) {
      const drawn = this.pools.find((p) => p.pool.source === source)?.pool;
      const n = drawn?.concepts.length ?? 0;
      this.summary.sources[source] = { concepts: n, heldOut: concepts.length - n, share: drawn?.share ?? 0 };
    }
    for (const concept of this.concepts) {
      if (concept.kind !== 'object') continue;
      const { company } = KINDS[concept.sort];
      const list = this.company.get(company) ?? [];
      list.push(concept);
      this.company.set(company, list);
    }
    for (const [company, row] of Object.entries(COMPANIONS)) {
      for (const [side, list] of Object.entries(row)) {
        const known = list.filter((name) => !names.has(name.toLowerCase()));
        this.companions.set(`${company} ${side}`, known);
      }
    }
  }

  draw(rng: Rng, id: number): Draw {
    const { pool, cumulative } =
      this.pools[this.pools.length === 1 ? 0 : rng.weighted(this.pools.map((p) => p.pool.share))];
    const x = rng.uniform() * cumulative[cumulative.length - 1];
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > x) high = middle;
      else low = middle + 1;
    }
    return this.drawOf(pool.concepts[low], rng, id);
  }

  drawOf(concept: Concept, rng: Rng, id: number): Draw {
    const draw = drawAlone(concept, id);
    if (concept.kind !== 'object') return draw;
    const u = rng.uniform();
    if (u < TEMPLATE_MIX.background) {
      draw.template = 'background';
      draw.background = concept.backgrounds
        ? rng.pick(concept.backgrounds)
        : rng.pick(usualBackgrounds(concept.sort)).name;
    } else if (u < TEMPLATE_MIX.background + TEMPLATE_MIX.relation) {
      const relation = rng.pick(RELATION_NAMES);
      const related = this.companionOf(concept, SIDES[relation], rng);
      if (related) Object.assign(draw, { template: 'relation', relation, ...related });
    }
    return draw;
  }

  private companionOf(concept: Concept, side: Side, rng: Rng): Related | undefined {
    const { company } = KINDS[concept.sort];
    const usual = this.companions.get(`${company} ${side}`)!.filter((name) => name !== concept.name);
    const others = side === 'beside' ? (this.company.get(company) ?? []) : [];
    if (others.length > 1 && (usual.length === 0 || rng.chance(0.5))) {
      for (let attempt = 0; attempt < 4; attempt++) {
        const other = rng.pick(others);
        if (other.name !== concept.name) return relatedTo(other);
      }
    }
    if (usual.length === 0) return undefined;
    const name = rng.pick(usual);
    const { sort, lexeme, head } = senseOfName(name);
    return relatedTo({ name, sort, synset: lexeme?.synset, head: head === name ? undefined : head });
  }

  describe(): BankSummary {
    return structuredClone(this.summary);
  }
}

const BACKGROUNDS = new Map<Kind, readonly Background[]>();

/** Plausible backgrounds of a sort of thing. */
export function usualBackgrounds(sort: Kind): readonly Background[] {
  let found = BACKGROUNDS.get(sort);
  if (!found) {
    const byName = new Map<string, Background>();
    const habitats: readonly Habitat[] = KINDS[sort].habitats;
    for (const habitat of habitats) {
      for (const b of backgroundsOf(habitat)) if (!byName.has(b.name)) byName.set(b.name, b);
    }
    found = [...byName.values()];
    BACKGROUNDS.set(sort, found);
  }
  return found;
}

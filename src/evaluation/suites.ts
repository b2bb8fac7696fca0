import { didYouMean } from '../config/suggest.js';
import type { Task } from '../data/set.js';
import { meantBy } from '../data/sets/index.js';
import { UserError } from '../errors.js';
import type { Protocol } from './protocol.js';

/** Protocols on data sets that belong together. */
export interface Suite {
  about: string;
  /** Names of protocols. */
  protocols: readonly string[];
  /** Of the registry; absent: every set of a task that the protocols know. Sets that are named one by one are always among them. */
  sets?: readonly string[];
}

/** SynCLR, table 6, in its order. */
const FINE_GRAINED = ['aircraft', 'cars', 'dtd', 'flowers', 'pets', 'sun397', 'caltech101', 'food101', 'voc2007'];
/** SynCLR, table 9, in its order. */
const UNSEEN = ['eurosat', 'gtsrb', 'country211', 'mnist', 'resisc45', 'kitti_distance'];

export const SUITES = {
  linear: {
    about: 'a linear layer trained by SGD (tables 6 and 13), on every set of one class an image',
    protocols: ['linear'],
  },
  'fine-grained': {
    about: 'logistic regression on the nine sets of table 6',
    protocols: ['logistic'],
    sets: FINE_GRAINED,
  },
  unseen: {
    about: 'logistic regression on the six sets of table 9, whose concepts no caption named',
    protocols: ['logistic'],
    sets: UNSEEN,
  },
  segmentation: {
    about: 'a linear head on patch tokens and UperNet (tables 7 and 15), on every set with label maps',
    protocols: ['segmentation-linear', 'upernet'],
  },
  finetune: {
    about: 'all weights trained on (tables 8 and 14), on every set of one class an image',
    protocols: ['finetune'],
  },
} as const satisfies Record<string, Suite>;

export type SuiteName = keyof typeof SUITES;
export const SUITE_NAMES = Object.keys(SUITES) as SuiteName[];

/** Without a suite or a protocol: what takes minutes. */
const PLAIN: Suite = { about: 'kNN and a linear layer', protocols: ['knn', 'linear'] };

/** A data set as what is asked for is worked out. */
export interface NamedSet {
  name: string;
  /** The registry's entry that is meant. */
  meant: string;
  task: Task;
  /** Named by itself, not found in the folder of all sets. */
  given: boolean;
}

/** One protocol on one set. */
export interface Asked<S extends NamedSet = NamedSet> {
  protocol: Protocol;
  set: S;
}

/** @throws UserError for a name that no suite has */
export function suitesNamed(names: readonly string[]): Suite[] {
  return names.flatMap((name) => {
    if (name === 'all') return SUITE_NAMES.map((n): Suite => SUITES[n]);
    if (!Object.hasOwn(SUITES, name)) {
      const all = [...SUITE_NAMES, 'all'];
      throw new UserError(`--suite ${name}: no such suite; ${didYouMean(name, all)}`);
    }
    return [SUITES[name as SuiteName]];
  });
}

/** @throws UserError for a name that no protocol has */
export function protocolsNamed(names: readonly string[], all: readonly Protocol[]): Protocol[] {
  return names.map((name) => {
    const found = all.find((p) => p.name === name);
    const known = all.map((p) => p.name);
    if (!found) throw new UserError(`--protocol ${name}: no such protocol; ${didYouMean(name, known)}`);
    return found;
  });
}

/**
 * What suites and protocols mean on the sets at hand: suites say which sets; protocols that are named take the place of theirs, or go over
 * all sets where no suite is named. A set belongs to a suite by its name or by its kind.
 * @returns each pair once, protocol by protocol; and sets that a suite names and nobody has
 */
export function askedFor<S extends NamedSet>(
  o: { suites: readonly Suite[]; protocols: readonly Protocol[] },
  sets: readonly S[],
  all: readonly Protocol[],
): { asked: Asked<S>[]; absent: string[] } {
  const { protocols } = o;
  const suites = o.suites.length > 0 ? o.suites : [PLAIN];
  const asked = new Map<string, Asked<S>>();
  const absent = new Set<string>();
  for (const suite of suites) {
    const own = protocols.length > 0 ? protocols : all.filter((p) => suite.protocols.includes(p.name));
    const order = suite.sets;
    const place = ({ name, meant }: S) => {
      const at = order ? order.findIndex((n) => isMeant(n, name, meant)) : 0;
      return at < 0 ? Number.POSITIVE_INFINITY : at;
    };
    const these = sets
      .filter((s) => s.given || Number.isFinite(place(s)))
      .sort((a, b) => compareNumbers(place(a), place(b)));
    for (const name of order ?? []) if (!sets.some((s) => isMeant(name, s.name, s.meant))) absent.add(name);
    for (const protocol of own)
      for (const set of these)
        if (protocol.tasks.includes(set.task)) asked.set(`${protocol.name} ${set.name}`, { protocol, set });
  }
  return { asked: [...asked.values()], absent: [...absent] };
}

/**
 * Whether suites and protocols want a set at all, by its name, without a look: a set of the registry where its task is none of theirs is not;
 * nor is one that is on no list, where every suite has one.
 * @param protocols in place of the suites'
 */
export function wantedBy(
  suites: readonly Suite[],
  protocols: readonly Protocol[],
  all: readonly Protocol[],
): (meant: string, name: string) => boolean {
  const names = suites.length > 0 ? suites.flatMap((s) => s.protocols) : PLAIN.protocols;
  const tasks = (protocols.length > 0 ? protocols : all.filter((p) => names.includes(p.name))).flatMap((p) => p.tasks);
  const lists = suites.map((s) => s.sets);
  const listed = (meant: string, name: string) =>
    lists.length === 0 || lists.some((list) => !list || list.some((paper) => isMeant(paper, name, meant)));
  return (meant, name) => {
    const known = meantBy(meant);
    return (!known || tasks.includes(known.task)) && listed(meant, name);
  };
}

/** Whether a set is the one that the paper calls so. */
export const isMeant = (paper: string, name: string, meant: string): boolean =>
  paper === name || paper === meant || meantBy(paper)?.name === meant;

const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

import { UserError } from '../errors.js';
import { isObject } from '../formats/json.js';

type Tree = { [key: string]: unknown };

/** Settings of the head and the teacher that lay in other groups before there were several learners. */
const MOVED: Readonly<Record<string, string>> = {
  'model.contrastHidden': 'learn.projectionHidden',
  'model.contrastOut': 'learn.projectionWidth',
  'model.contrastNorm': 'learn.headNorm',
  'model.prototypeHidden': 'learn.prototypeHidden',
  'model.prototypeBottleneck': 'learn.prototypeBottleneck',
  'model.prototypes': 'learn.prototypes',
  'optim.ema': 'learn.ema',
};
/** All of this group moved, under its names. */
const GROUP = 'objective';

/** What a setting of earlier versions (`objective.temperature`, `model.prototypes` …) is called now; others keep their name. */
export function presentName(path: string): string {
  if (Object.hasOwn(MOVED, path)) return MOVED[path];
  return path.startsWith(`${GROUP}.`) ? `learn.${path.slice(GROUP.length + 1)}` : path;
}

const isEarlier = (tree: Tree): boolean =>
  isObject(tree[GROUP]) ||
  Object.keys(MOVED).some((path) => {
    const [group, name] = path.split('.');
    const node = tree[group];
    return isObject(node) && Object.hasOwn(node, name);
  });

/**
 * A tree of settings as earlier versions wrote it (files, config.json, checkpoints), under today's names; today's stays as it is.
 * @param place of the tree, for messages
 * @throws UserError where it has a setting under both names
 */
export function translated<T>(tree: T, place = 'settings'): T {
  if (!isObject(tree) || !isEarlier(tree)) return tree;
  const out: Tree = Object.assign(Object.create(null), tree);
  const move = (path: string, value: unknown) => {
    const name = presentName(path).slice('learn.'.length);
    const learn = isObject(out.learn) ? out.learn : {};
    if (Object.hasOwn(learn, name))
      throw new UserError(`${place}: ${path} is the earlier name of learn.${name}, which is there too: make them one`);
    out.learn = { ...learn, [name]: value };
  };
  for (const group of ['model', 'optim']) {
    const before = out[group];
    if (!isObject(before)) continue;
    const kept: Tree = Object.create(null);
    let moved = false;
    for (const [name, value] of Object.entries(before)) {
      if (Object.hasOwn(MOVED, `${group}.${name}`)) {
        move(`${group}.${name}`, value);
        moved = true;
      } else kept[name] = value;
    }
    if (moved) out[group] = kept;
  }
  if (isObject(out[GROUP])) {
    for (const [name, value] of Object.entries(out[GROUP])) move(`${GROUP}.${name}`, value);
    delete out[GROUP];
  }
  return out as T;
}

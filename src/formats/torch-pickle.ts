import { UserError } from '../errors.js';
import { cutAtWord } from '../printable.js';
import { NumpyArray, numpyGlobals } from './numpy-pickle.js';
import type { PickleWorld } from './pickle.js';
import {
  Attributes,
  Dict,
  Global,
  List,
  MadeBytes,
  Opaque,
  type PickleValue,
  wholeNumber,
  wholeNumbers,
} from './pickle-values.js';
import { damaged, type Place, Storage, StoredTensor, wrongView } from './stored-tensor.js';
import { DTYPES, STORAGES } from './torch-types.js';

/**
 * All that the pickle of a checkpoint may refer to: constructors of tensors, of numpy's arrays, of containers, and a few classes that only carry
 * attributes. Each makes data of ours; every other name refuses the file.
 */

/** Where the numbers of a storage lie. @param bytes that it says it has @param itemBytes of a number @throws UserError where there is none of this key and size */
export type FindStorage = (key: string, bytes: number, itemBytes: number) => Place;

/** A class of torch's storages, with the type of its numbers. */
class StorageType extends Global {
  readonly dtype: string | undefined;
  readonly itemBytes: number;

  constructor(name: string, dtype: string | undefined, itemBytes: number) {
    super(name);
    this.dtype = dtype;
    this.itemBytes = itemBytes;
  }
}

class DType extends Global {
  readonly dtype: string;
  readonly itemBytes: number;

  constructor(name: string, dtype: string, itemBytes: number) {
    super(name);
    this.dtype = dtype;
    this.itemBytes = itemBytes;
  }
}

/** Classes that only hold attributes: what is in them becomes a dictionary. */
const ATTRIBUTES = ['argparse.Namespace', 'types.SimpleNamespace'];
/** Classes whose values nobody looks into. */
const OPAQUE = [
  ...['torch.device', 'torch.Generator', 'torch.torch_version.TorchVersion', 'datetime.timedelta', 'datetime.datetime'],
  ...['PosixPath', 'WindowsPath', 'PurePosixPath', 'PureWindowsPath'].flatMap((name) => [
    `pathlib.${name}`,
    `pathlib._local.${name}`,
  ]),
];
/** Python's own, under the names of versions 2 and 3. */
const BUILTINS = ['builtins', '__builtin__'];

/** Why some of what torch itself writes is not read. */
const REFUSED: Readonly<Record<string, string>> = {
  'torch.storage._load_from_bytes':
    'a checkpoint inside a checkpoint (a tensor that was pickled without torch.save): save it again by torch.save',
};

export class TorchPickle implements PickleWorld {
  private readonly file: string;
  private readonly globals: ReadonlyMap<string, Global>;
  private readonly find: FindStorage;

  /** @param file for messages @param find called once for each reference to a storage */
  constructor(file: string, find: FindStorage) {
    this.file = file;
    this.find = find;
    this.globals = allowed(file);
  }

  global(module: string, name: string): Global | undefined {
    const whole = `${module}.${name}`;
    if (Object.hasOwn(REFUSED, whole)) throw new UserError(`${this.file}: refused: ${whole}: ${REFUSED[whole]}`);
    if (module.startsWith('torch.nn.modules.'))
      throw new UserError(
        `${this.file}: refused: its pickle asks for ${cutAtWord(whole, 80)}: a whole module was saved, which is code: save its state_dict instead`,
      );
    return this.globals.get(whole);
  }

  /** ('storage', type, key, device, numbers), and in the older stream a view of it, which nobody has written since 2017. */
  persistent(id: PickleValue): PickleValue {
    const [what, type, key, , numel, view = null] = id instanceof List ? id.items : [];
    const numbers = numel === undefined ? undefined : wholeNumber(numel);
    if (what === 'module') throw new UserError(`${this.file}: a pickled module: save its state_dict instead`);
    const isSound = what === 'storage' && type instanceof StorageType && typeof key === 'string';
    if (!isSound || numbers === undefined || numbers < 0 || view !== null)
      throw damaged(this.file, 'a reference that is none to a storage');
    const bytes = numbers * type.itemBytes;
    const shown = cutAtWord(key, 80);
    if (!Number.isSafeInteger(bytes)) throw damaged(this.file, `storage ${shown} of ${numbers} numbers`);
    return new Storage(key, type.dtype, type.itemBytes, numbers, this.find(key, bytes, type.itemBytes));
  }
}

function allowed(file: string): Map<string, Global> {
  const found = numpyGlobals(file);
  const add = (name: string, make?: Global['make']) => found.set(name, new Global(name, make));
  for (const [name, [dtype, bytes]] of STORAGES)
    for (const module of ['torch', 'torch.cuda', 'torch.storage'])
      found.set(`${module}.${name}`, new StorageType(`${module}.${name}`, dtype, bytes));
  for (const [name, [dtype, bytes]] of DTYPES) found.set(`torch.${name}`, new DType(`torch.${name}`, dtype, bytes));

  const tensor = (args: readonly PickleValue[]) => rebuilt(file, args);
  add('torch._utils._rebuild_tensor', tensor);
  add('torch._utils._rebuild_tensor_v2', tensor);
  add('torch._utils._rebuild_tensor_v3', (args) => rebuilt(file, args, args[6]));
  add('torch._utils._rebuild_parameter', first);
  add('torch._utils._rebuild_parameter_with_state', first);
  add('torch._utils._rebuild_device_tensor_from_numpy', first);
  add('torch._tensor._rebuild_from_type_v2', rebuiltFromType);
  add('torch.Tensor', first);
  add('torch.nn.parameter.Parameter', first);
  add('torch.nn.parameter.Buffer', first);
  add('torch.Size', ([items]) => (items instanceof List ? new List(items.items, true) : undefined));

  const dict = dictionaries(file);
  add('collections.OrderedDict', dict);
  add('collections.defaultdict', ([, pairs]) => dict(pairs === undefined ? [] : [pairs]));
  add('collections.Counter', dict);
  for (const name of ATTRIBUTES) add(name, (args) => (args.length === 0 ? new Attributes(name) : undefined));
  for (const name of OPAQUE) add(name, (args) => new Opaque(name, args));
  for (const module of BUILTINS) {
    add(`${module}.dict`, dict);
    add(`${module}.list`, ([items]) => new List(itemsOf(items)));
    add(`${module}.tuple`, ([items]) => new List(itemsOf(items), true));
    // Protocols before 3 make empty bytes by a call.
    add(`${module}.bytes`, (args) => (args.length === 0 ? new MadeBytes(new Uint8Array(0)) : undefined));
    for (const name of ['set', 'frozenset', 'complex', 'slice', 'range', 'xrange', 'bytearray'])
      add(`${module}.${name}`, (args) => new Opaque(name, args));
    for (const name of ['int', 'float', 'bool', 'str', 'object']) add(`${module}.${name}`);
  }
  // How protocols 0 and 1 make an object of a class.
  for (const module of ['copy_reg', 'copyreg'])
    add(`${module}._reconstructor`, ([type]) => (type instanceof Global ? type.make?.([]) : undefined));
  return found;
}

/** The tensor of which a parameter is made. */
function first([tensor]: readonly PickleValue[]): PickleValue | undefined {
  return tensor instanceof StoredTensor || tensor instanceof NumpyArray ? tensor : undefined;
}

/** Entries that calls copy from one container into another; nobody who saves weights does so. */
const MOST_COPIED = 1 << 18;

/** What makes dictionaries of pairs, or of a dictionary. A file can copy one of its dictionaries as often as it likes: all copies together are counted. */
function dictionaries(file: string): (args: readonly PickleValue[]) => PickleValue | undefined {
  let copied = 0;
  return ([pairs]) => {
    const dict = new Dict();
    if (pairs === undefined) return dict;
    if (!(pairs instanceof Dict || pairs instanceof List)) return undefined;
    copied += pairs instanceof Dict ? pairs.entries.size : pairs.items.length;
    if (copied > MOST_COPIED) throw damaged(file, `its pickle copies more than ${MOST_COPIED} entries`);
    for (const pair of pairs instanceof Dict ? pairs.entries : pairs.items) {
      const [key, value] = Array.isArray(pair) ? pair : pair instanceof List ? pair.items : [];
      if (key === undefined || value === undefined) return undefined;
      dict.entries.set(key, value);
    }
    return dict;
  };
}

/** The same items: a copy would be one more for each call. */
const itemsOf = (items: PickleValue | undefined): PickleValue[] => (items instanceof List ? items.items : []);

/** (storage, offset, size, stride, …); the third version brings a type, over a storage that has none. */
function rebuilt(
  file: string,
  [storage, offset, size, stride]: readonly PickleValue[],
  type?: PickleValue,
): PickleValue | undefined {
  if (!(storage instanceof Storage)) return undefined;
  if (type !== undefined && !(type instanceof DType)) return undefined;
  const { dtype, itemBytes } = type ?? storage;
  const [start, shape, strides] = [wholeNumber(offset), wholeNumbers(size), wholeNumbers(stride)];
  // Sizes beyond 2^53 are no numbers of ours.
  if (start === undefined || !shape || !strides)
    throw damaged(file, `a tensor of storage ${cutAtWord(storage.key, 80)} has sizes that are none`);
  const wrong = wrongView(shape, strides, start, Math.floor(storage.place.bytes / itemBytes));
  if (wrong) throw damaged(file, `a tensor of storage ${cutAtWord(storage.key, 80)} ${wrong}`);
  return new StoredTensor(storage.place, { dtype: dtype ?? 'U8', itemBytes, shape, strides, offset: start });
}

/** (function, type, its arguments, attributes) of a subclass of tensors; the class must be one that is allowed. */
function rebuiltFromType([make, type, args]: readonly PickleValue[]): PickleValue | undefined {
  if (!(make instanceof Global) || !(type instanceof Global) || !(args instanceof List)) return undefined;
  // Its own name again would nest calls as deeply as the file likes.
  if (make.name === 'torch._tensor._rebuild_from_type_v2') return undefined;
  return make.make?.(args.items);
}

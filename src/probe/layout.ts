import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { isHidden, isPictureName } from './walk.js';

/** How an image folder is laid out. */
export type Layout =
  | { kind: 'classes'; classes: string[]; remarks: string[] }
  /** The sides by their paths; `val` where it was asked for and is there beside a test side. */
  | {
      kind: 'split';
      train: string;
      test: string;
      val?: string;
      classes: { train: string[]; test: string[]; val?: string[] };
      remarks: string[];
    };

/** What an image folder may look like, for messages. */
export const EXPECTED = 'expected train/<class>/… and test/<class>/… (or val), or <class>/… alone';

/** Words for the two sides; of several for the test images, the one that comes first is taken. */
const TRAIN = ['train', 'training', 'trn', 'learn', 'learning'];
const TEST = ['test', 'testing', 'tst', 'holdout', 'heldout', 'eval', 'evaluation'];
const VALIDATION = ['val', 'valid', 'validation', 'validate', 'dev', 'devel', 'development'];
/** The same in other languages, without accents. */
const TRAIN_ABROAD =
  'trainieren trainings trainingsdaten entrainement apprentissage entrenamiento treino treinamento addestramento обучение обучающая тренировка трейн egitim uczenie treningowy 训练 訓練 训练集 訓練集 学習 훈련 학습';
const TEST_ABROAD =
  'testen testdaten prufung prueba pruebas teste testes prova тест тестирование тестовая testowy 测试 測試 测试集 測試集 テスト 테스트 시험';
const VALIDATION_ABROAD =
  'validierung validacion validacao validazione валидация проверка dogrulama walidacja 验证 驗證 验证集 驗證集 検証 검증';
/** Of sides that are validation, not test. */
export const VALIDATION_RANK = 3;
const SIDES = new Map<string, { train: boolean; rank: number }>([
  ...TRAIN.map((w) => [w, { train: true, rank: 0 }] as const),
  ...TEST.map((w, i) => [w, { train: false, rank: i < 3 ? 1 : 2 }] as const),
  ...VALIDATION.map((w) => [w, { train: false, rank: VALIDATION_RANK }] as const),
  ...TRAIN_ABROAD.split(' ').map((w) => [plain(w), { train: true, rank: 0 }] as const),
  ...TEST_ABROAD.split(' ').map((w) => [plain(w), { train: false, rank: 1 }] as const),
  ...VALIDATION_ABROAD.split(' ').map((w) => [plain(w), { train: false, rank: VALIDATION_RANK }] as const),
]);
/** Words that say nothing beside those: `train_images`, `TestSet`, `val2017`. */
const BESIDE = /^(set|sets|data|dataset|split|folder|dir|imgs?|images?|pictures?|photos?|samples?|\d+)$/;

/** Compatible forms as one, without accents. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').normalize('NFC');
}

interface Side {
  folder: string;
  /** Where its classes lie: that folder, or one below it. */
  below: string;
  train: boolean;
  rank: number;
  /** What else the name says: `seg` of `seg_train`; the two sides of a split have the same. */
  rest: string;
}

/** Which side of a split a folder's or file's name says it is; undefined for the name of a class. */
export function sideOf(folder: string): Side | undefined {
  const words = plain(folder)
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(/hold[\s_-]*out|held[\s_-]*out/g, 'holdout')
    .split(/[^\p{L}\p{N}]+|(?<=\p{L})(?=\p{N})/u)
    .flatMap((w) => {
      const glued = /^(.*?)(set|data|images?)$/.exec(w);
      return glued && SIDES.has(glued[1]) ? [glued[1]] : [w];
    })
    .filter((w) => w !== '' && !BESIDE.test(w));
  const at = words.findIndex((w) => SIDES.has(w));
  if (at < 0) return undefined;
  return { folder, below: folder, ...SIDES.get(words[at])!, rest: words.filter((_, i) => i !== at).join(' ') };
}

/**
 * Finds out whether a folder has a split of its own. Names of the two sides are known in any case, with common synonyms and what is put
 * beside them; two such names never become two classes. A single one that holds images and no folders is a class among others.
 * @param where for messages
 * @param o `val`: whether validation images beside test images are wanted
 * @throws UserError naming the layout that is expected when it is neither; the file system's error
 */
export async function layoutOf(where: string, dir: string, o: { val?: boolean } = {}): Promise<Layout> {
  const { folders, remarks } = await foldersIn(dir);
  const sides = pairs(folders.flatMap((f) => sideOf(f) ?? []));
  const inside = new Map<string, string[]>();
  for (const side of sides) {
    const found = await classFolders(dir, side.folder);
    inside.set(side.folder, found.folders);
    side.below = found.below;
    remarks.push(...found.remarks);
  }
  const withClasses = sides.filter((s) => inside.get(s.folder)!.length > 0);
  if (withClasses.length === 0 && sides.length < 2) {
    const others = folders.filter((f) => f !== sides[0]?.folder);
    if (sides.length === 0 || others.length > 0) {
      if (sides.length > 0)
        remarks.push(
          `${sides[0].folder} is taken for a class: it holds no class folders, and there are others beside it`,
        );
      await refuseInner(where, dir, folders);
      return { kind: 'classes', classes: folders, remarks };
    }
  }
  const empty = sides.find((s) => inside.get(s.folder)!.length === 0);
  const trains = withClasses.filter((s) => s.train);
  const tests = withClasses.filter((s) => !s.train).sort((a, b) => a.rank - b.rank);
  if (empty && (empty.train ? trains : tests).length === 0)
    throw new UserError(`${where} has a folder ${empty.folder} without class folders in it; ${EXPECTED}`);
  const same = trains.length > 1 ? trains : tests.filter((t) => t.rank === tests[0].rank);
  if (same.length > 1)
    throw new UserError(
      `${where}: which of ${same.map((s) => s.folder).join(' and ')} holds the ${same[0].train ? 'training' : 'test'} images? ${EXPECTED}`,
    );
  if (trains.length === 0) throw new UserError(`${where} has a folder ${tests[0].folder} but no train; ${EXPECTED}`);
  if (tests.length === 0)
    throw new UserError(`${where} has a folder ${trains[0].folder} but neither test nor val; ${EXPECTED}`);
  const [train, test] = [trains[0].folder, tests[0].folder];
  const vals = o.val && tests[0].rank < VALIDATION_RANK ? tests.filter((t) => t.rank === VALIDATION_RANK) : [];
  const val = vals.length === 1 ? vals[0] : undefined;
  const left = folders.filter((f) => f !== train && f !== test && f !== val?.folder);
  if (left.length > 0) remarks.push(`test images come from ${test}; left out: ${few(left)}`);
  return {
    kind: 'split',
    train: trains[0].below,
    test: tests[0].below,
    ...(val && { val: val.below }),
    classes: { train: inside.get(train)!, test: inside.get(test)!, ...(val && { val: inside.get(val.folder)! }) },
    remarks,
  };
}

/** The class folders of a side: archives often hold a folder in a folder, `seg_train/seg_train/<class>`. */
async function classFolders(
  dir: string,
  side: string,
): Promise<Awaited<ReturnType<typeof foldersIn>> & { below: string }> {
  const found = await foldersIn(join(dir, side));
  if (found.folders.length !== 1) return { ...found, below: side };
  const below = `${side}/${found.folders[0]}`;
  const inner = await foldersIn(join(dir, below));
  if (inner.folders.length < 2) return { ...found, below: side };
  return { folders: inner.folders, remarks: [...found.remarks, ...inner.remarks], below };
}

/** Those that are plainly named, or have another side by their name: `steam_train` among other classes is a class. */
function pairs(sides: Side[]): Side[] {
  return sides.filter((s) => s.rest === '' || sides.some((t) => t.rest === s.rest && t.train !== s.train));
}

/** A split inside of every class cannot be told from further folders of images, and would go unused. */
async function refuseInner(where: string, dir: string, classes: readonly string[]): Promise<void> {
  if (classes.length === 0) return;
  const inner = await readdir(join(dir, classes[0]), { withFileTypes: true });
  const folders = inner.filter((e) => e.isDirectory() && !isHidden(e.name)).map((e) => e.name);
  const sides = folders.flatMap((f) => sideOf(f) ?? []).filter((s) => s.rest === '');
  const train = sides.find((s) => s.train);
  const test = sides.find((s) => !s.train);
  if (train && test)
    throw new UserError(`${where} has a split inside of ${classes[0]} (${train.folder}, ${test.folder}); ${EXPECTED}`);
}

export const few = (names: readonly string[]): string =>
  names.slice(0, 5).join(', ') + (names.length > 5 ? `, … (${names.length})` : '');

/** Folders in a folder, sorted, links to folders among them; hidden ones are left out. @throws the file system's error; UserError */
async function foldersIn(dir: string): Promise<{ folders: string[]; remarks: string[] }> {
  const folders: string[] = [];
  const remarks: string[] = [];
  let pictures = 0;
  for (const e of await readdir(dir, { withFileTypes: true })) {
    if (isHidden(e.name)) continue;
    if (e.name.includes('\ufffd') && !(await stat(join(dir, e.name)).catch(() => undefined))) {
      if (e.isDirectory())
        throw new UserError(`${join(dir, e.name)}: a class folder whose name is no UTF-8: rename it`);
      if (isPictureName(e.name)) pictures++;
    } else if (e.isDirectory()) folders.push(e.name);
    else if (e.isSymbolicLink()) {
      const target = await stat(join(dir, e.name)).catch(() => undefined);
      if (target?.isDirectory()) folders.push(e.name);
      else if (!target) remarks.push(`${join(dir, e.name)} is a link that leads nowhere`);
      else if (isPictureName(e.name)) pictures++;
    } else if (isPictureName(e.name)) pictures++;
  }
  if (pictures > 0 && folders.length > 0)
    remarks.push(`${dir}: ${pictures} ${pictures === 1 ? 'image' : 'images'} beside the folders, left out`);
  return { folders: folders.sort(), remarks };
}

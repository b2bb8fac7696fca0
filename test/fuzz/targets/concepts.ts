import { join } from 'node:path';
import { authorsPools } from '../../../src/concepts/authors-bank.js';
import { withBackgrounds } from '../../../src/concepts/background-file.js';
import { filePools } from '../../../src/concepts/file-bank.js';
import { understood } from '../../../src/images/embedded/concept-warnings.js';
import { json, Scratch, type Target, text } from '../target.js';

/** Lists that users write. */

const conceptFile: Target = {
  name: 'concept file',
  open() {
    const scratch = new Scratch();
    return {
      seeds: [
        text('# parts\ngear\ncrane (bird)\nsteel bolt # M6\n', '.txt'),
        text('n01443537 goldfish, Carassius auratus\nn02084071 dog\n', '.txt'),
        text(
          'name,weight,kind,category,backgrounds\n"crane, tower",2,object,tool,"dock|site"\nkitchen,1,place,,\n',
          '.csv',
        ),
        text('name;weight\ngear;1,5\nbolt;2\n', '.csv'),
        text(
          'name,kind,sense,draw as\ncrane,machine,crane.n.04,truck\nmouse,,rodent,\n"Desk Lamp, 2 Pack",lamp,,lamp\n',
          '.csv',
        ),
        json([{ name: 'Set of 6 Mugs', drawAs: 'mug', sense: 'n03797390' }, 'Office Chair (black)'], '.json'),
        json(['gear', { name: 'bolt', weight: 2, backgrounds: ['bench'] }], '.json'),
        json({ tool: ['hammer', 'saw'], food: [{ name: 'soup' }] }, '.json'),
        json({ 0: ['n01443537', 'goldfish'], 1: ['n02084071', 'dog'] }, '.json'),
        json({ id2label: { 0: 'cat', 1: 'dog' }, label2id: { cat: 0, dog: 1 }, model_type: 'vit' }, '.json'),
      ],
      parse: async (bytes, tag) => {
        const pools = await filePools(scratch.put(`concepts${tag}`, bytes));
        understood(pools.flatMap((pool) => pool.concepts));
      },
    };
  },
};

const backgrounds: Target = {
  name: 'backgrounds file',
  async open() {
    const scratch = new Scratch();
    const pools = await filePools(scratch.put('concepts.txt', 'gear\nbolt\ncat\n'));
    return {
      seeds: [json({ gear: ['workshop', 'a bench'], bolt: [], cat: ['sofa'], else: ['x'] })],
      parse: (bytes) => withBackgrounds(pools, scratch.put('backgrounds.json', bytes)),
    };
  },
};

const authors: Target = {
  name: "authors' files",
  open() {
    const scratch = new Scratch();
    const sound: Record<string, unknown> = {
      'labels.json': { imagenet: ['tench', 'crane (bird)'], pets: ['Abyssinian'], dtd: ['dotted'], sun397: ['abbey'] },
      'imgnet_background_dict.json': { tench: ['river'] },
      'ds_background_dict.json': { pets: ['sofa'] },
    };
    const names = Object.keys(sound);
    return {
      seeds: names.map((name) => json(sound[name], name)),
      parse(bytes, tag) {
        for (const name of names) scratch.put(name, name === tag ? bytes : JSON.stringify(sound[name]));
        return authorsPools(join(scratch.dir));
      },
    };
  },
};

export const TARGETS: readonly Target[] = [conceptFile, backgrounds, authors];

import { describe, expect, it } from 'vitest';
import { parseBackgrounds } from '../src/captions/background-answers.js';
import { cleanCaption } from '../src/captions/clean.js';
import { contentWords } from '../src/captions/content-words.js';
import { linesOf, withoutMarkup } from '../src/captions/first-line.js';
import { mentions } from '../src/captions/mention.js';
import { readAnswer } from '../src/captions/models/openai-answer.js';
import type { Draw } from '../src/captions/record.js';
import { withoutThoughts } from '../src/captions/thoughts.js';
import { parseCaption } from '../src/images/embedded/parse.js';
import { said } from '../src/net/complaint.js';
import { oneLine } from '../src/printable.js';
import { literalsIn, piecesOf, regexLiterals } from './regex-literals.js';

/**
 * Text from outside (what a model says, a server's complaint, a file of concepts) must not hold the process up: no timer fires and no Ctrl-C is
 * heard while a pattern runs. So every regular expression of the sources is tried on the text that takes such patterns long: one of its own
 * pieces, again and again.
 */

/** Length of the text, characters: who looks at each pair of them takes a hundred times what a tenth of it takes, who looks at each ten times. */
const LENGTH = 20_000;
const GROWTH = 40;
/** Lengths at which it shows whether time doubles with each few characters. */
const SHORT = [24, 32, 44, 60, 80];
/** What takes less than this is taken for quick, on a tenth of the length and on all of it, milliseconds. */
const SUSPECT_MS = 0.15;
const LIMIT_MS = 15;
/** No collection of garbage takes as long: what does is not timed again. */
const SURELY_MS = 300;

/** Milliseconds of the processor that this process has used, whatever other programs take of the clock. */
function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Least time of several runs, milliseconds of the processor: collection of garbage takes its share of some. */
function timed(work: () => void, enough: number, runs = 3): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs && least > enough; i++) {
    const start = used();
    const clock = performance.now();
    work();
    // The clock tells what is quick enough, and is asked sooner.
    const passed = performance.now() - clock;
    const took = passed <= enough ? passed : used() - start;
    least = Math.min(least, took);
    if (enough < SURELY_MS && took > SURELY_MS) break;
  }
  return least;
}

/** The text on which an expression takes too long, if one was found. */
function slowText(source: string, flags: string): string | undefined {
  const expression = new RegExp(source, flags.includes('g') ? flags : `${flags}g`);
  // It looks at all of the text, as does a search that fails.
  const run = (text: string) => void text.replace(expression, '');
  const { characters, words } = piecesOf(source);
  const few = characters.slice(0, 12);
  const pumps = new Set([...few, ...few.slice(0, 7).flatMap((a) => few.slice(0, 7).map((b) => a + b))]);
  for (const word of words.slice(0, 10)) pumps.add(word).add(`${word} `);
  for (const prefix of ['', ...words.slice(0, 8), 'a ']) {
    for (const pump of prefix === '' ? pumps : few) {
      for (const end of prefix === '' ? ['\u0001', '', 'a'] : ['\u0001']) {
        const of = (length: number) => prefix + pump.repeat(Math.ceil(length / pump.length)) + end;
        // Those that double with each few characters would not come back from more.
        const short = (prefix === '' && end !== '' ? SHORT : []).find(
          (length) => timed(() => run(of(length)), LIMIT_MS) > LIMIT_MS,
        );
        if (short !== undefined) return of(short);
        const tenth = timed(() => run(of(LENGTH / 10)), SUSPECT_MS);
        if (tenth < SUSPECT_MS) continue;
        const whole = timed(() => run(of(LENGTH)), LIMIT_MS);
        if (whole < LIMIT_MS || whole < GROWTH * tenth) continue;
        // Collection of garbage may have fallen into one of them.
        const long = of(LENGTH);
        if (whole > SURELY_MS || timed(() => run(long), LIMIT_MS) > GROWTH * timed(() => run(of(LENGTH / 10)), 0, 8))
          return long;
      }
    }
  }
  return undefined;
}

describe('every regular expression of the sources', () => {
  const literals = regexLiterals('src');

  it('is found', () => {
    expect(literals.length).toBeGreaterThan(250);
    const text =
      "const a = b / c; // no /x/\nreturn /[/\\]]+'/gu.test(`/y/ $" +
      "{/z/.exec(d)}`) || '/w/'; /* /v/ */ a = 1 / 2 / 3;";
    expect(literalsIn(text, 'x.ts').map(({ source, flags, where }) => [source, flags, where])).toEqual([
      ["[/\\]]+'", 'gu', 'x.ts:2'],
      ['z', '', 'x.ts:2'],
    ]);
  });

  it('takes time in proportion to its text', () => {
    const slow = literals.flatMap(({ where, source, flags }) => {
      const text = slowText(source, flags);
      return text === undefined
        ? []
        : [`${where}: /${source}/${flags} on ${JSON.stringify(text.slice(0, 24))} … ${text.length}`];
    });
    expect(slow).toEqual([]);
  }, 240_000);

  it('would be seen if it took more', () => {
    for (const [source, flags] of [
      ['\\s+$', ''],
      ['^(.*?)\\s*(?:=>|->)', ''],
      ['<(think)>[\\s\\S]*?<\\/\\1>', 'gi'],
      ['\\b(?:var|def)\\b.*;', 'i'],
    ])
      expect(slowText(source, flags), source).toBeDefined();
  }, 240_000);
});

describe('what reads text from outside', () => {
  const draw: Draw = {
    id: 0,
    template: 'relation',
    kind: 'object',
    concept: 'dog',
    source: 'file',
    relation: 'beside',
    related: 'wooden boat',
  };
  const readers: Record<string, (text: string) => unknown> = {
    cleanCaption: (text) => cleanCaption({ text, cut: false }, draw, { words: [3, 60], requireConcept: true }),
    parseBackgrounds: (text) => parseBackgrounds({ text, cut: false }, 'dog'),
    readAnswer: (text) => readAnswer({ choices: [{ message: { content: text } }] }, 'chat', 1, { maxTokens: 100 }),
    withoutThoughts,
    linesOf,
    withoutMarkup,
    contentWords,
    mentions: (text) => mentions(text, draw),
    parseCaption,
    said,
    oneLine,
  };
  const pieces = [
    ...' \n\t.-*_`"\'“=<[({:,;#>a0é\u200b\u0301',
    ...['a ', '. ', '- ', 'a-', 'a@', '" ', '\\u', '{"', '=> ', 'a, ', '\r\n', '* ** ', '(note '],
    ...[
      '<think>',
      '</think>',
      '<think></think>',
      '<|channel|>',
      '<|channel|>final<|message|>',
      '<|message|>',
      'analysis',
    ],
    ...[
      '<|start_header_id|>',
      '<|im_start|>',
      'assistantfinal',
      'var ',
      'dog ',
      'dog',
      'a dog by a boat ',
      'list: ',
      'Sure, ',
      'here is ',
    ],
  ];
  const starts = [
    '',
    'Sure! ',
    '<|start_header_id|>',
    '<think>',
    'assistant',
    'here is ',
    '(note',
    '"',
    '- ',
    'analysis',
  ];

  it.each(Object.keys(readers))('%s is through with 100,000 characters of anything at once', (name) => {
    const read = readers[name];
    const slow: string[] = [];
    for (const start of starts)
      for (const piece of start === '' ? pieces : [' ', 'a', '(', '\n', '<think>']) {
        const text = start + piece.repeat(Math.ceil(100_000 / piece.length));
        if (timed(() => void read(text), 500) > 500) slow.push(`${start}${piece}…`);
      }
    expect(slow).toEqual([]);
  });
});

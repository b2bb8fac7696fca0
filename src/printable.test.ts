import { expect, test } from 'vitest';
import { cutAtWord, oneLine, printable } from './printable.js';

test('what a terminal would obey is shown, not obeyed', () => {
  // A title, the clipboard (OSC 52), a bell, colours, a C1 introducer, a backspace, a carriage return over what was printed.
  expect(printable('\u001b]0;t\u0007')).toBe('\\u001b]0;t\\u0007');
  expect(printable('\u009b31mred')).toBe('\\u009b31mred');
  expect(printable('safe\rrm -rf')).toBe('safe\\u000drm -rf');
  expect(printable('a\bb\u007f')).toBe('a\\u0008b\\u007f');
});

test('what is invisible or turns the order of reading is shown', () => {
  expect(printable('gpj.\u202eexe')).toBe('gpj.\\u202eexe');
  expect(printable('a\u200bb\ufeffc\u{e0041}')).toBe('a\\u200bb\\ufeffc\\ue0041');
  expect(printable('half \ud83d pair')).toBe('half \\ud83d pair');
});

test('writing stays as it is, line feeds and tabs too', () => {
  const text = 'Straße, 猫, می‌خواهم, 👩‍👧, é\n\tnext line';
  expect(printable(text)).toBe(text);
  expect(printable('a\r\nb')).toBe('a\nb');
  expect(oneLine('  a\r\n  b\u001b\n')).toBe('a b\\u001b');
});

test('what is cut is cut between words, and never in a pair of surrogates', () => {
  expect(cutAtWord('short', 10)).toBe('short');
  expect(cutAtWord('a server complains at length', 20)).toBe('a server complains …');
  expect(cutAtWord('x'.repeat(50), 10)).toBe(`${'x'.repeat(8)} …`);
  expect(cutAtWord('🐈'.repeat(50), 10)).toBe(`${'🐈'.repeat(4)} …`);
});

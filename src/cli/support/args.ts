import { existsSync, statSync } from 'node:fs';
import { parseValue, settingLeaves } from '../../config/leaves.js';
import { ADDRESS_SETTINGS, HIDDEN, SECRET_SETTINGS, shownValue } from '../../config/secrets.js';
import { anyOf, didYouMean } from '../../config/suggest.js';
import { UserError } from '../../errors.js';
import { checkSetName } from '../../probe/set-name.js';
import type { Command, Flag } from './command.js';

/** Of every command that answers something. */
export const JSON_FLAG: Flag = {
  name: 'json',
  about: 'answer as one JSON document, alone on stdout; all else goes to stderr',
};
/** Of every command. */
const QUIET_FLAG: Flag = { name: 'quiet', about: 'print nothing but warnings, errors and the answer' };
/** Of every command, and looked for before anything else is parsed. */
export const HELP_FLAGS: readonly Flag[] = [
  { name: 'help', about: 'this text' },
  { name: 'help-all', about: 'this text with all settings, and the values that --preset or --config give them' },
  { name: 'version', about: 'synclr’s version' },
];

/** All flags that a command takes, its own first. */
export function flagsOf(command: Command): Flag[] {
  return [...command.flags, ...(command.answers ? [JSON_FLAG] : []), QUIET_FLAG];
}

/** A command's arguments. */
export interface Parsed {
  /** The first argument that is no flag; of a command that takes several, all stand in `positionals`. */
  positional?: string;
  positionals: readonly string[];
  /** Values of flags that are no settings; the last one wins. */
  values: Readonly<Record<string, string>>;
  /** Values of flags that may be repeated. */
  lists: Readonly<Record<string, readonly string[]>>;
  switches: ReadonlySet<string>;
  /** Settings by dotted path, from dotted flags and from the short ones. */
  settings: Readonly<Record<string, unknown>>;
}

/**
 * Parses what stands after the command's name: `--flag value`, `--flag=value`, `--switch`, `--no-setting`, one positional.
 * @throws UserError for whatever the command does not declare, with the names it does
 */
export function parseArguments(command: Command, argv: readonly string[]): Parsed {
  const leaves = new Map(command.settings ? settingLeaves().map((l) => [l.path, l]) : []);
  const declared = new Map(flagsOf(command).map((f) => [f.name, f]));
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  const switches = new Set<string>();
  const settings: Record<string, unknown> = {};
  const positionals: string[] = [];
  let onlyPositionals = false;
  let afterSecret = false;

  for (const [i, arg] of argv.entries()) refuseNoText(arg, i + 1);
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--' && !onlyPositionals) {
      onlyPositionals = true;
      continue;
    }
    if (onlyPositionals || !arg.startsWith('-') || arg === '-') {
      // Of `--runtime.painter.key two words`, the second word is part of the key; so too of an address with a password.
      if (positionals.length >= (command.positional ? (command.positional.most ?? 1) : 0) || afterSecret)
        throw new UserError(unexpected(command, afterSecret ? HIDDEN : withoutKey(shownValue(undefined, arg))));
      positionals.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = (equals < 0 ? arg : arg.slice(0, equals)).replace(/^--?/, '');
    const inline = equals < 0 ? undefined : arg.slice(equals + 1);
    // A name of one letter is a flag behind one dash too: -k 5.
    const flag = /^--|^-\w(?:=|$)/.test(arg) ? declared.get(name) : undefined;
    const leaf = arg.startsWith('--') ? leaves.get(flag?.setting ?? name) : undefined;
    const negated = name.startsWith('no-') ? leaves.get(name.slice(3)) : undefined;

    if (negated?.type === 'boolean' && inline === undefined) {
      settings[negated.path] = false;
      continue;
    }
    if (!flag && !leaf) throw new UserError(unknown(command, nameAlone(arg)));
    afterSecret = leaf !== undefined && [...SECRET_SETTINGS, ...ADDRESS_SETTINGS].includes(leaf.path);
    if (flag && !flag.value) {
      if (inline !== undefined) throw new UserError(`--${name} takes no value`);
      switches.add(name);
      continue;
    }
    let value = inline;
    if (value === undefined) {
      const next = argv[i + 1];
      const isValue = next !== undefined && (!next.startsWith('-') || next === '-' || /^-\.?\d/.test(next));
      if (leaf?.type === 'boolean' && next !== 'true' && next !== 'false') {
        settings[leaf.path] = true;
        continue;
      }
      if (!isValue)
        throw new UserError(`--${name} needs a value: --${name} ${flag?.value ?? leaf?.expected ?? 'VALUE'}`);
      value = next;
      i++;
    }
    if (flag?.value === 'DIR') refuseFileName(command, name, value);
    if (leaf) settings[leaf.path] = parseValue(leaf, value);
    else if (flag!.repeat) (lists[name] ??= []).push(value);
    else values[name] = value;
  }
  if (command.positional?.required && positionals.length === 0) {
    throw new UserError(
      `synclr ${command.name} needs ${command.positional.name}: ${command.positional.about} (see --help)`,
    );
  }
  if (switches.has('json') && typeof command.answers === 'object') {
    const given = [...switches, ...Object.keys(values), ...Object.keys(lists)];
    if (!command.answers.some((name) => given.includes(name)))
      throw new UserError(`--json goes with ${anyOf(command.answers.map((name) => `--${name}`))}`);
  }
  return { positional: positionals[0], positionals, values, lists, switches, settings };
}

/**
 * Node puts U+FFFD where an argument is no UTF-8: a file would be written under another name than was asked for.
 * @throws UserError unless there is something that has U+FFFD in its name
 */
function refuseNoText(arg: string, number: number): void {
  const last = arg.lastIndexOf('\ufffd');
  if (last < 0) return;
  const slash = arg.slice(last).search(/[/\\]/);
  const path = slash < 0 ? arg : arg.slice(0, last + slash);
  if ([path, path.replace(/^[^=]*=/, ''), path.replace(/^[^=]*=[^=]*=/, '')].some((p) => existsSync(p))) return;
  // It may be a key: not repeated.
  throw new UserError(
    `argument ${number} is no UTF-8 text, so that it cannot be told what it names: give the file or folder another name`,
  );
}

/** Endings of what commands write; a folder of such a name is hardly meant. */
const FILE_ENDING = /\.(png|jpe?g|webp|html?|jsonl?|npy|parquet|safetensors|onnx|csv|txt)$/i;

/** @throws UserError for a flag that takes a folder and is given a file's name, unless there is such a folder */
function refuseFileName(command: Command, flag: string, value: string): void {
  if (!FILE_ENDING.test(value) || statSync(value, { throwIfNoEntry: false })?.isDirectory()) return;
  const sheet = command.flags.some((f) => f.name === 'sheet') && /\.png$/i.test(value);
  throw new UserError(
    `--${flag} ${shownValue(undefined, value)} is a file’s name: --${flag} takes a folder${sheet ? `, the contact sheet’s file is --sheet ${shownValue(undefined, value)}` : ''}`,
  );
}

function unexpected(command: Command, arg: string): string {
  const takes = command.positional ? `takes one ${command.positional.name}` : 'takes flags only';
  return `unexpected argument "${arg}": synclr ${command.name} ${takes} (see synclr ${command.name} --help)`;
}

/** A setting whose dashes were forgotten, `runtime.writer.key=sk-…`, without what may be a key. */
function withoutKey(arg: string): string {
  const [name] = /^[\w.-]*/.exec(arg)!;
  const sign = /^\s*[=:]/.exec(arg.slice(name.length))?.[0];
  return sign && /key|token|secret|passw|auth/i.test(name) ? `${name}${sign}${HIDDEN}` : arg;
}

/** The name that an argument begins with, without what may be a key that was meant for its value: `--runtime.writer.key:sk-…`. */
function nameAlone(arg: string): string {
  const [name] = /^-{0,2}[\w.-]*/.exec(arg)!;
  const dashes = /^-*/.exec(name)![0];
  const secret = SECRET_SETTINGS.find((path) => name.startsWith(dashes + path));
  const kept = (secret ? dashes + secret : name).slice(0, LONGEST_FLAG);
  return arg === kept || arg[kept.length] === '=' ? kept : kept + HIDDEN;
}
/** Longer than any flag's name, with its mistakes. */
const LONGEST_FLAG = 60;

/** The command line as it may be stored and shown: values of secret settings replaced, addresses without passwords. */
export function shownCommand(command: Command, argv: readonly string[]): string {
  const leaves = new Map(command.settings ? settingLeaves().map((l) => [l.path, l]) : []);
  const settings = new Map(command.flags.map((f) => [f.name, f.setting]));
  const shown: string[] = [];
  let path: string | undefined;
  for (const arg of argv) {
    const given = /^--([\w.-]+)(=?)(.*)$/s.exec(arg);
    const setting = given ? (settings.get(given[1]) ?? (leaves.has(given[1]) ? given[1] : undefined)) : undefined;
    if (path !== undefined && !given) shown.push(shownValue(path, arg));
    else if (given)
      shown.push(
        `--${given[1]}${given[2]}${given[2] ? shownValue(setting, given[3]) : shownValue(undefined, given[3])}`,
      );
    else shown.push(shownValue(undefined, arg));
    path = given && !given[2] ? setting : undefined;
  }
  return ['synclr', command.name, ...shown].map(quoted).join(' ');
}

const quoted = (arg: string) => (/^[\w./=:,@%+…-]+$/u.test(arg) ? arg : JSON.stringify(arg));

function unknown(command: Command, shown: string): string {
  const name = shown.replace(/^--?/, '').replace(HIDDEN, '');
  const own = flagsOf(command).map((f) => f.name);
  if (name.includes('.') && command.settings) {
    const all = settingLeaves().map((l) => l.path);
    const group = all.filter((p) => p.startsWith(`${name.split('.')[0]}.`));
    return `unknown setting ${shown}; ${didYouMean(name, group.length > 0 ? group : [...new Set([...all, ...own])], '--')}`;
  }
  const candidates = command.settings ? [...new Set([...own, ...settingLeaves().map((l) => l.path)])] : own;
  const near = didYouMean(name, candidates, '--');
  const valid = own.map((n) => `--${n}`).join(', ');
  if (!near.startsWith('did')) {
    return `unknown flag ${shown} of synclr ${command.name}; valid: ${valid}${command.settings ? ', and any setting by its dotted name (see --help)' : ''}`;
  }
  return `unknown flag ${shown} of synclr ${command.name}; ${near} (valid: ${valid})`;
}

/** `NAME=DIR` pairs. @throws UserError where there is no name or no folder, or a name twice */
export function parseEvals(list: readonly string[] | undefined): { name: string; dir: string }[] {
  const seen = new Set<string>();
  return (list ?? []).map((text) => {
    const at = text.indexOf('=');
    const name = text.slice(0, at);
    const dir = text.slice(at + 1);
    if (at < 1 || dir === '')
      throw new UserError(`--eval ${text}: expected NAME=DIR, e.g. --eval cifar10=data/cifar10`);
    checkSetName(name, `--eval ${text}`);
    if (name === 'held-out' || name === 'own-concepts')
      throw new UserError(`--eval ${text}: ${name} is the name of a probe that the run paints itself; choose another`);
    if (seen.has(name)) throw new UserError(`--eval ${name} is given twice: every image folder needs its own name`);
    seen.add(name);
    return { name, dir };
  });
}

/** The flag's text in help: `--eval NAME=DIR`. */
export function flagSyntax(f: Flag): string {
  return `--${f.name}${f.value ? ` ${f.value}` : ''}`;
}

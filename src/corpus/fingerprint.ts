import { createHash } from 'node:crypto';
import { captionsDigest } from '../captions/own/read.js';
import { writerContent } from '../captions/registry.js';
import type { ConceptBank } from '../concepts/bank.js';
import { settingLeaves, showValue } from '../config/leaves.js';
import { getPath } from '../config/resolve.js';
import type { Settings } from '../config/schema.js';
import { UserError } from '../errors.js';
import { painterContent } from '../images/registry.js';
import type { OpenOptions } from '../stage.js';
import type { ShardKind } from './manifest.js';

/** What the bytes of a stage's shards depend on, by dotted path; `concepts (content)` is a digest of the bank. */
export type Fingerprint = Record<string, unknown>;

const BANK = 'concepts (content)';
const OWN = 'captions.source (content)';
/** How many there are changes none of them. */
const NOT_CAPTIONS = new Set(['captions.count']);

/**
 * @param bank whose content counts too: a concept file may change under the same name
 * @param ask whether a writer's server is asked what it writes with, or nothing is left to write
 */
export async function captionsFingerprint(
  s: Settings,
  bank: ConceptBank,
  hooks: OpenOptions = {},
  ask = true,
): Promise<Fingerprint> {
  return {
    ...leaves(s, ['seed', 'concepts', 'captions']),
    [BANK]: bankDigest(bank),
    ...(s.captions.source === '' ? {} : { [OWN]: await captionsDigest(s.captions.source) }),
    ...(await writerContent(s, hooks, ask)),
  };
}

/**
 * @param captions the fingerprint in the captions' manifest
 * @param ask whether a painter's server is asked what it paints with, or nothing is left to paint
 */
export async function imagesFingerprint(
  s: Settings,
  captions: Fingerprint,
  hooks: OpenOptions = {},
  ask = true,
): Promise<Fingerprint> {
  return { ...captions, ...leaves(s, ['seed', 'images']), ...(await painterContent(s, hooks, ask)) };
}

/** Entries that a server gives: the model behind an empty setting, `images.model (resolved)`. */
const isResolved = (path: string): boolean => path.endsWith(' (resolved)');

/** Of a fingerprint, what a server said that it works with. */
export const resolvedOf = (f: Fingerprint): Fingerprint =>
  Object.fromEntries(Object.entries(f).filter(([path]) => isResolved(path)));

/** What a server could not say then, or nobody asked it, now or then, is no difference: older manifests have no such entries. */
const isUnasked = (path: string, before: Fingerprint, now: Fingerprint): boolean =>
  isResolved(path) && (!(path in before) || !(path in now) || before[path] === 'unknown');

function leaves(s: Settings, groups: readonly string[]): Fingerprint {
  const out: Fingerprint = {};
  for (const { path } of settingLeaves())
    if (groups.includes(path.split('.')[0]) && !NOT_CAPTIONS.has(path)) out[path] = getPath(s, path);
  return JSON.parse(JSON.stringify(out)) as Fingerprint;
}

/** Concepts with all that is known of them, their weights, and what is held out. */
function bankDigest(bank: ConceptBank): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(bank.describe()));
  // How its meaning was found changes no caption.
  for (const { reading: _, ...concept } of bank.concepts) hash.update(`${JSON.stringify(concept)}\n`);
  hash.update('held out\n');
  for (const { name } of bank.heldOut) hash.update(`${name}\n`);
  return hash.digest('hex').slice(0, 16);
}

/**
 * The settings in which two fingerprints differ, each as `path (before there, now now)`.
 * The same bank by another path (a file that was moved, a limit that cuts nothing off) is the same bank.
 */
export function differences(before: Fingerprint, now: Fingerprint): string[] {
  const sameBank = before[BANK] === now[BANK];
  // A setting that the older one does not know had its default's meaning.
  const defaults = new Map(settingLeaves().map((l) => [l.path, l.default]));
  const value = (f: Fingerprint, path: string) => JSON.stringify(path in f ? f[path] : defaults.get(path));
  const paths = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (path) => !isUnasked(path, before, now) && value(before, path) !== value(now, path),
  );
  const named = paths
    .filter((path) => path !== BANK && !(sameBank && path.startsWith('concepts.')))
    .filter((path) => !(path === 'captions.source' && before[OWN] !== undefined && before[OWN] === now[OWN]))
    .map((path) => `${path} (${shown(before[path])} there, ${shown(now[path])} now)`);
  const bankNamed = named.some((line) => line.startsWith('concepts.'));
  if (!sameBank && !bankNamed)
    named.push(`the concepts of concepts.source ${shown(now['concepts.source'])} themselves, or which are held out`);
  return named;
}

const shown = (value: unknown): string => (value === undefined ? 'unset' : showValue(value));

/** @throws UserError naming the settings that differ from those that the folder was begun with, and what to do */
export function refuseDifferent(dir: string, kind: ShardKind, before: Fingerprint, now: Fingerprint): void {
  const differing = differences(before, now);
  if (differing.length === 0) return;
  const more = differing.length > 6 ? ` and ${differing.length - 6} more` : '';
  throw new UserError(
    `${dir} holds ${kind} made with other settings: ${differing.slice(0, 6).join(', ')}${more}; go back to those, choose another folder with --out, or move ${dir} elsewhere to make them anew`,
  );
}

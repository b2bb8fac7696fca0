import { UserError } from '../errors.js';

/** A place on the hub: a model repository, a revision of it, and perhaps one file or folder in it. */
export interface HubReference {
  /** `owner/name`; of a data set `datasets/owner/name`. */
  repo: string;
  /** Branch, tag, `refs/pr/N` or commit. */
  revision: string;
  /** A file's or folder's path in the repository; empty for all of it. */
  path: string;
}

const FORM = 'hf:owner/name, hf:owner/name@revision or hf:owner/name/path/in/repository';
/** What the hub allows in owners and names (huggingface_hub, utils/_validators.py). */
const WORD = /^[A-Za-z0-9_](?:[\w.-]{0,94}[A-Za-z0-9_])?$/;
/** Revisions that hold slashes and still need no escaping, as in huggingface_hub's file system paths. */
const SPECIAL = /^refs\/(?:pr\/\d+|convert\/\w+)/;

/** A data set's repository by its name, as the hub's addresses have it; of models the name stands alone. */
export const datasetRepo = (repo: string): string => `datasets/${repo}`;
export const isDataset = (repo: string): boolean => repo.startsWith('datasets/');
/** A repository in the addresses of the hub's API. */
export const inApi = (repo: string): string => (isDataset(repo) ? repo : `models/${repo}`);

/** Whether a model's address points to the hub and not to the local disk. */
export const isHubReference = (text: string): boolean => text.startsWith('hf:');

/**
 * Reads `hf:owner/name[@revision][/path]`. A slash in a revision is written `%2F`, but for `refs/pr/N` and `refs/convert/X`.
 * @throws UserError where the text has another form
 */
export function parseHubReference(text: string): HubReference {
  const refuse = (why: string): never => {
    throw new UserError(`"${text}" is not a model on the hub: ${why}; write ${FORM}`);
  };
  if (!isHubReference(text)) refuse('it does not begin with hf:');
  const rest = text.slice(3);
  if (rest.startsWith('//') || /^https?:/.test(rest)) refuse('it holds a whole address');
  const [, owner, name, tail] = /^([^/@]*)\/?([^/@]*)(.*)$/s.exec(rest)!;
  if (owner === '') refuse('the owner is missing');
  if (name === '') refuse('the name after the owner is missing');
  for (const [what, word] of [
    ['owner', owner],
    ['name', name],
  ])
    if (!WORD.test(word) || /--|\.\./.test(word)) refuse(`"${word}" cannot be the ${what}`);

  let revision = 'main';
  let path = tail;
  if (tail.startsWith('@')) {
    const after = tail.slice(1);
    const raw = SPECIAL.exec(after)?.[0] ?? after.split('/', 1)[0];
    path = after.slice(raw.length);
    revision = unescaped(raw) ?? refuse(`"${raw}" is badly escaped`);
    if (!isSafePath(revision))
      refuse(revision === '' ? 'the revision after @ is missing' : `"${raw}" cannot be a revision`);
  }
  path = path.replace(/^\//, '').replace(/\/$/, '');
  if (path !== '' && !isSafePath(path)) refuse(`"${path}" cannot be a path in it`);
  return { repo: `${owner}/${name}`, revision, path };
}

/** The reference as a user writes it; `main` goes without saying. */
export function showReference({ repo, revision, path }: HubReference): string {
  const at = revision === 'main' ? '' : `@${SPECIAL.test(revision) ? revision : revision.replaceAll('/', '%2F')}`;
  return `hf:${repo.replace(/^datasets\//, '')}${at}${path && `/${path}`}`;
}

/**
 * Whether a relative path stays below where it is put, on any system: it may come from a server. Half a surrogate pair is part of no name, and
 * has no escape in an address.
 */
export function isSafePath(path: string): boolean {
  return (
    !/[\\\0]|^[A-Za-z]:|\p{Surrogate}/u.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** A part of an address without its escapes; undefined where one is none. */
export function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

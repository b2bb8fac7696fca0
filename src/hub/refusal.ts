import { UserError } from '../errors.js';
import type { Reply } from '../net/exchange.js';
import { unescaped } from './reference.js';
import type { HubSettings } from './settings.js';

/**
 * What an answer means that no other try will change. The hub says which thing is missing in `X-Error-Code` (huggingface_hub,
 * utils/_http.py); mirrors often do not, and then the address tells.
 */
export function refusal({ url, status, headers }: Reply, { endpoint, token }: HubSettings): UserError {
  if (url.origin !== new URL(endpoint).origin)
    return new UserError(`${url.host}, to which ${endpoint} points, answers ${status}`);
  const code = headers['x-error-code'];
  const { repo, dataset, revision, file } = asked(url, endpoint);
  const page = `${endpoint}/${dataset ? 'datasets/' : ''}${repo}`;
  const what = dataset ? 'data set' : 'model';
  if (code === 'GatedRepo')
    return new UserError(
      token
        ? `${repo} is gated: accept its licence at ${page} with the account of your HF_TOKEN (or wait until its owner lets you in)`
        : `${repo} is gated: accept its licence at ${page}, then set HF_TOKEN to a token of that account`,
    );
  if (status === 401)
    return new UserError(
      token
        ? `${repo}: the hub refuses the token, or it may not see this ${what}: check HF_TOKEN and the name at ${page}`
        : `${repo}: no such ${what}, or one that is private or gated: check the name at ${page}, or set HF_TOKEN`,
    );
  if (status === 403)
    return new UserError(
      `${repo}: access is refused: set HF_TOKEN to a token that may read it, and accept its licence at ${page}`,
    );
  if (status === 404) {
    const isRevision =
      code === 'RevisionNotFound' || (code === undefined && revision !== undefined && file === undefined);
    if (code === 'RepoNotFound' || revision === undefined)
      return new UserError(`no ${what} ${repo} at ${endpoint}: check the name`);
    if (isRevision)
      return new UserError(`no ${what} ${repo} with a revision "${revision}" at ${endpoint}: check both at ${page}`);
    return new UserError(`${repo}, revision ${revision}, has no file ${file}: see ${page}/tree/main`);
  }
  return new UserError(
    `${url.host} answers ${status} for ${url.pathname}: check HF_ENDPOINT, and the ${what}'s page ${page}`,
  );
}

/** Repository, revision and file that an address names; the routes are the hub's. */
function asked(url: URL, endpoint: string): { repo: string; dataset: boolean; revision?: string; file?: string } {
  const base = new URL(endpoint).pathname.replace(/\/$/, '');
  const path = url.pathname.startsWith(base) ? url.pathname.slice(base.length) : url.pathname;
  const match =
    /^\/api\/(?:models|datasets)\/(?<repo>[^/]+\/[^/]+)\/(?:revision|tree)\/(?<revision>[^/]+)/.exec(path) ??
    /^\/(?:datasets\/)?(?<repo>[^/]+\/[^/]+)\/resolve\/(?<revision>[^/]+)\/(?<file>.+)/.exec(path);
  const { repo = path.slice(1), revision, file } = match?.groups ?? {};
  return {
    repo: repo.replace(/^datasets\//, ''),
    dataset: /^\/(api\/)?datasets\//.test(path),
    revision: revision && (unescaped(revision) ?? revision),
    file: file && (unescaped(file) ?? file),
  };
}

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
  const { repo, revision, file } = asked(url, endpoint);
  const page = `${endpoint}/${repo}`;
  if (code === 'GatedRepo')
    return new UserError(
      token
        ? `${repo} is gated: accept its licence at ${page} with the account of your HF_TOKEN (or wait until its owner lets you in)`
        : `${repo} is gated: accept its licence at ${page}, then set HF_TOKEN to a token of that account`,
    );
  if (status === 401)
    return new UserError(
      token
        ? `${repo}: the hub refuses the token, or it may not see this model: check HF_TOKEN and the name at ${page}`
        : `${repo}: no such model, or one that is private or gated: check the name at ${page}, or set HF_TOKEN`,
    );
  if (status === 403)
    return new UserError(
      `${repo}: access is refused: set HF_TOKEN to a token that may read it, and accept its licence at ${page}`,
    );
  if (status === 404) {
    const isRevision =
      code === 'RevisionNotFound' || (code === undefined && revision !== undefined && file === undefined);
    if (code === 'RepoNotFound' || revision === undefined)
      return new UserError(`no model ${repo} at ${endpoint}: check the name`);
    if (isRevision)
      return new UserError(`no model ${repo} with a revision "${revision}" at ${endpoint}: check both at ${page}`);
    return new UserError(`${repo}, revision ${revision}, has no file ${file}: see ${page}/tree/main`);
  }
  return new UserError(
    `${url.host} answers ${status} for ${url.pathname}: check HF_ENDPOINT, and the model's page ${page}`,
  );
}

/** Repository, revision and file that an address names; the routes are the hub's. */
function asked(url: URL, endpoint: string): { repo: string; revision?: string; file?: string } {
  const base = new URL(endpoint).pathname.replace(/\/$/, '');
  const path = url.pathname.startsWith(base) ? url.pathname.slice(base.length) : url.pathname;
  const match =
    /^\/api\/models\/(?<repo>[^/]+\/[^/]+)\/(?:revision|tree)\/(?<revision>[^/]+)/.exec(path) ??
    /^\/(?<repo>[^/]+\/[^/]+)\/resolve\/(?<revision>[^/]+)\/(?<file>.+)/.exec(path);
  const { repo = path.slice(1), revision, file } = match?.groups ?? {};
  return {
    repo,
    revision: revision && (unescaped(revision) ?? revision),
    file: file && (unescaped(file) ?? file),
  };
}

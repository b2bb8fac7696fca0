/** Endpoints of OpenAI's API that people give with the address. */
const ENDPOINT = /\/(chat\/completions|completions|images\/generations|models)$/;

/**
 * The path below which a server of OpenAI's API has its endpoints, from that of an address as people give it: whoever names only the
 * server means its API, `/v1`.
 */
export function openAiPath(pathname: string): string {
  return pathname.replace(/(?<!\/)\/+$/, '').replace(ENDPOINT, '') || '/v1';
}

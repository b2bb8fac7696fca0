import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/**
 * A process that speaks OpenAI's API as one service or another does, with answers that are made up: what is tested is the form. For answers
 * of a real model, and for faults, see llama/server.ts. POST / with options as JSON makes a service and answers its path, e.g. `/0`:
 *   models: names listed; absent: 404; 'page': a web page; 'hang': no answer; 'loading': 503 twice, then one model
 *   chat: 'none' (404), 'no template' (400 in vLLM's old form), 'no template 500', 'no system'
 *   refuse: { field: message } answered with 400 where the field is sent
 *   arrays: 'one' (the first prompt alone is answered), 'refused' (400), 'llama.cpp' (an array of answers), 'reversed', 'first counted' (usage of the first)
 *   style: how a text is dressed: 'newline', 'think', 'open think', 'reasoning', 'hidden reasoning', 'filter', 'parts', 'refusal', 'harmony',
 *     'bare harmony', 'only thoughts', 'object', 'tool parts', 'stream', 'nested', 'large', 'error choice', 'full'
 *   raw: text that answers every request for text; message: fields of every message
 *   as: names that the answers give the model, one after the other, the last one again and again
 *   fails: { path: status } for every request to that path; to: an address that requests for text are sent on to (307)
 *   filter, long: a text whose prompts are refused for their content, or their length; usage: false leaves it out; status: every request for text is answered so, at length with times
 * Every complaint shows the authorization header. GET /0/log gives all bodies.
 */
const services = [];

/** The same words for the same prompt and seed; without a seed, never the same. */
function words(prompt, { seed, temperature, max_tokens: most, max_completion_tokens: most2 }) {
  const drawn = temperature === 0 ? '' : (seed ?? Math.random());
  const hash = createHash('sha256').update(`${prompt}|${drawn}`).digest('hex');
  return { text: ` a newt numbered ${hash.slice(0, 8)}`, cut: (most ?? most2 ?? 16) < 8 };
}

function dressed(o, { text, cut }, { stop }, chat) {
  const finish = o.style === 'filter' ? 'content_filter' : cut ? 'length' : 'stop';
  const choice = { finish_reason: finish };
  const put = (content, more = {}) =>
    Object.assign(choice, chat ? { message: { role: 'assistant', content, ...more } } : { text: content, ...more });
  const stopped = (whole) => {
    const end = stop ? whole.indexOf('\n') : -1;
    return end < 0 ? whole : whole.slice(0, end);
  };
  if (o.style === 'newline') return put(stopped(`\n${text}\nwolf => a wolf`));
  if (o.style === 'think') return put(`<think>\nA newt. Or two?\n</think>\n\n${text}`);
  if (o.style === 'open think') return put(`A newt. Or two?\n</think>\n\n${text}`);
  if (o.style === 'reasoning') return put(cut ? null : text, { reasoning_content: 'A newt. Or two?' });
  if (o.style === 'parts')
    return put([{ type: 'thinking', thinking: [{ type: 'text', text: 'A newt?' }] }, { type: 'text', text }, '!']);
  if (o.style === 'tool parts') return put([{ type: 'image_url', image_url: {} }]);
  if (o.style === 'object') return put({ text });
  if (o.style === 'error choice')
    return Object.assign(choice, {
      message: { role: 'assistant', content: '' },
      error: { message: 'upstream is gone' },
    });
  const thought = 'The user wants a caption.';
  if (o.style === 'only thoughts') return put(`<|channel|>analysis<|message|>${thought}`);
  if (o.style === 'bare harmony') return put(`analysis${thought}assistantfinal${text}`);
  if (o.style === 'harmony')
    return put(
      `<|channel|>analysis<|message|>${thought}<|end|><|start|>assistant<|channel|>final<|message|>${text}<|return|>`,
    );
  if (o.style === 'full') choice.finish_reason = 'length';
  if (o.style === 'refusal') return put(null, { refusal: 'I will not.' });
  if (o.message) return put(null, o.message);
  return put(chat ? text : stopped(`${text}\nwolf => a wolf`));
}

const server = createServer(async (request, response) => {
  const send = (status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const refuse = (status, message, more = {}) =>
    send(status, { error: { message: `${message} (you sent ${request.headers.authorization})`, ...more } });
  let text = '';
  for await (const chunk of request) text += chunk;
  if (request.url === '/') {
    services.push({ o: JSON.parse(text), log: [], asked: 0, answers: 0 });
    return send(200, `/${services.length - 1}`);
  }
  const [, number, path] = /^\/(\d+)(\/.*)$/.exec(new URL(request.url, 'http://x').pathname);
  const service = services[number];
  const { o, log } = service;
  if (path === '/log') return send(200, log);
  const failure = o.fails?.[path];
  if (failure) return refuse(failure, 'Internal Server Error');
  if (path === '/v1/models') {
    if (o.models === 'hang') return;
    if (o.models === 'page') return send(200, '<html>Welcome</html>', { 'content-type': 'text/html' });
    if (o.models === 'loading' && service.asked++ < 2) return refuse(503, 'Loading model');
    if (o.models === undefined) return refuse(404, 'no such page');
    return send(200, { object: 'list', data: (o.models === 'loading' ? ['newt'] : o.models).map((id) => ({ id })) });
  }
  const body = JSON.parse(text);
  log.push({ path, body, authorization: request.headers.authorization });
  if (o.to) return send(307, '', { location: `${o.to}${path.slice(3)}` });
  if (o.style === 'stream') return send(200, 'data: {"choices":[{"delta":{"content":"a newt"}}]}\n\ndata: [DONE]\n\n');
  if (o.raw) return send(200, o.raw);
  if (o.style === 'nested') return send(200, '['.repeat(5000) + ']'.repeat(5000));
  if (o.style === 'large') return send(200, ' '.repeat(9 * 2 ** 20));
  const chat = path === '/v1/chat/completions';
  if (!chat && path !== '/v1/completions') return refuse(404, `no ${path}`);
  if (o.status) return refuse(o.status, `as told${' and told'.repeat(o.times ?? 0)}`, o.about);
  const template = 'default chat template is no longer allowed, so you must provide a chat template';
  if (chat && o.chat === 'none') return refuse(404, 'This is not a chat model');
  if (chat && o.chat === 'no template') return send(400, { object: 'error', message: template, code: 400 });
  if (chat && o.chat === 'no template 500') return send(500, { error: { message: template } });
  if (chat && o.chat === 'no system' && body.messages[0].role === 'system')
    return refuse(400, 'System role not supported');
  for (const [field, message] of Object.entries(o.refuse ?? {})) if (field in body) return refuse(400, message);
  if (o.filter && text.includes(o.filter))
    return refuse(400, 'Refused by the content policy', { code: 'content_filter' });
  if (o.long && text.includes(o.long)) return refuse(400, 'The prompt is too long');
  let prompts = chat ? [JSON.stringify(body.messages)] : [body.prompt].flat();
  if (prompts.length > 1 && o.arrays === 'refused') return refuse(400, 'prompt: a string, please');
  if (prompts.length > 1 && o.arrays === 'one') prompts = prompts.slice(0, 1);
  const choices = prompts.map((prompt, index) => ({ index, ...dressed(o, words(prompt, body), body, chat) }));
  if (o.arrays === 'reversed') choices.reverse();
  const counted = o.arrays === 'first counted' ? 1 : prompts.length;
  const usage = { prompt_tokens: 10 * counted, completion_tokens: 5 * counted };
  if (o.style === 'hidden reasoning') usage.completion_tokens_details = { reasoning_tokens: 4 };
  const model = o.as?.[Math.min(service.answers++, o.as.length - 1)];
  const answer = (c) => ({ choices: c, model, ...(o.usage === false ? {} : { usage }) });
  if (prompts.length > 1 && o.arrays === 'llama.cpp')
    return send(
      200,
      choices.map((c) => ({ choices: [c], usage: { prompt_tokens: 10, completion_tokens: 5 } })),
    );
  send(200, answer(choices));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
// Its input ends with the process that started it.
process.stdin.on('end', () => process.exit()).resume();

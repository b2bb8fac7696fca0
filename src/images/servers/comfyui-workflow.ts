import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { codeOf, UserError } from '../../errors.js';
import { decodeText, isObject, parseJson } from '../../formats/json.js';
import { requirePlainFileSync } from '../../formats/plain-file.js';

/** What a workflow may leave open: `{{seed}}` anywhere in its values. */
const NUMBERS = ['seed', 'steps', 'guidance', 'width', 'height'] as const;
const TEXTS = ['prompt', 'negative', 'model', 'scheduler'] as const;
type Placeholder = (typeof NUMBERS)[number] | (typeof TEXTS)[number];
const PLACEHOLDERS: readonly string[] = [...TEXTS, ...NUMBERS];

/** What the placeholders stand for. */
export type Values = Record<(typeof NUMBERS)[number], number> & Record<(typeof TEXTS)[number], string>;

/** A node as ComfyUI's API takes it; a link to another node's output is `[node, output]`. */
interface Node {
  class_type: string;
  inputs: Record<string, unknown>;
}
export type Prompt = Record<string, Node>;

/** Nodes that give images, in order of preference. */
const SAVERS = ['SaveImage', 'PreviewImage'];

/** A ComfyUI workflow, exported for the API, in which placeholders stand for what differs from image to image. */
export class Workflow {
  readonly file: string;
  /** SHA-256 of its text. */
  readonly hash: string;
  private readonly nodes: Prompt;
  private readonly used = new Set<string>();

  /** @throws UserError for a file that is none, one of the editor's, and one without `{{prompt}}` or `{{seed}}` */
  constructor(file: string) {
    const text = readText(file);
    this.file = file;
    this.hash = createHash('sha256').update(text).digest('hex');
    this.nodes = parse(text, file);
    replaceAll(this.nodes, (name) => this.used.add(name));
    const unknown = [...this.used].find((name) => !PLACEHOLDERS.includes(name));
    if (unknown !== undefined)
      throw new UserError(
        `images.workflow: ${file} has an unknown placeholder {{${unknown}}} (valid: ${PLACEHOLDERS.join(', ')})`,
      );
    for (const name of ['prompt', 'seed'] as const)
      if (!this.has(name))
        throw new UserError(
          `images.workflow: ${file} has no {{${name}}}: put "{{${name}}}" where the workflow has its ${name === 'seed' ? 'seed' : 'prompt’s text'}`,
        );
  }

  has(name: Placeholder): boolean {
    return this.used.has(name);
  }

  /**
   * The workflow with all placeholders filled in.
   * @param again makes the nodes that give images run again although nothing changed, for a server that has thrown their files away
   */
  fill(values: Values, again?: string): Prompt {
    const filled = replaceAll(this.nodes, (name) => values[name as Placeholder]) as Prompt;
    // ComfyUI's cache compares all inputs, and hands a node only those it knows.
    if (again)
      for (const node of Object.values(filled)) if (SAVERS.includes(node.class_type)) node.inputs.again = again;
    return filled;
  }

  /** The inputs whose value is exactly this placeholder. */
  inputsOf(name: Placeholder): { classType: string; input: string }[] {
    return Object.values(this.nodes).flatMap(({ class_type, inputs }) =>
      Object.entries(inputs)
        .filter(([, value]) => value === `{{${name}}}`)
        .map(([input]) => ({ classType: class_type, input })),
    );
  }

  /** Node ids, the likeliest to have the image first: SaveImage, PreviewImage, others; each in the workflow's order. */
  outputs(): string[] {
    const rank = (id: string) => {
      const at = SAVERS.indexOf(this.nodes[id].class_type);
      return at < 0 ? SAVERS.length : at;
    };
    return Object.keys(this.nodes).sort((a, b) => rank(a) - rank(b));
  }
}

function readText(file: string): string {
  if (!file)
    throw new UserError(
      'images.workflow: name the file of a ComfyUI workflow, exported for the API, with placeholders',
    );
  let bytes: Buffer;
  try {
    requirePlainFileSync(file);
    bytes = readFileSync(file);
  } catch (e) {
    if (e instanceof UserError) throw new UserError(`images.workflow: ${e.message}`);
    throw new UserError(`images.workflow: ${file} cannot be read (${codeOf(e)})`);
  }
  return decodeText(bytes, `images.workflow: ${file}`);
}

function parse(text: string, file: string): Prompt {
  const json = parseJson(text, `images.workflow: ${file}`);
  if (isObject(json) && Array.isArray(json.nodes) && 'links' in json)
    throw new UserError(
      `images.workflow: ${file} is in the editor's format: export it with "Export (API)" ("Save (API Format)" in older versions)`,
    );
  // Some tools wrap the workflow as it is posted.
  const nodes = isObject(json) && isObject(json.prompt) && !('class_type' in json.prompt) ? json.prompt : json;
  const good = (n: unknown) => isObject(n) && typeof n.class_type === 'string' && isObject(n.inputs);
  if (!isObject(nodes) || Object.keys(nodes).length === 0 || !Object.values(nodes).every(good))
    throw new UserError(
      `images.workflow: ${file} is no ComfyUI workflow: every node needs "class_type" and "inputs", as "Export (API)" writes them`,
    );
  return nodes as Prompt;
}

/** A copy in which placeholders are replaced; a value that is nothing but one takes its type. */
function replaceAll(value: unknown, by: (name: string) => unknown): unknown {
  if (typeof value === 'string') {
    const whole = /^\{\{(\w+)\}\}$/.exec(value);
    if (whole) return by(whole[1]);
    return value.replace(/\{\{(\w+)\}\}/g, (_, name) => String(by(name)));
  }
  if (Array.isArray(value)) return value.map((v) => replaceAll(v, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, replaceAll(v, by)]));
}

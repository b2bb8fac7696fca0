import { VERSION } from '../version.js';
import { Html, html } from './html.js';

/** What a page is made of. */
export interface PageParts {
  title: string;
  /** Our own style, not escaped. */
  style: string;
  /** In its `main`. */
  body: Html;
  /** Our own script, not escaped, where there is one; without it no script can run. */
  script?: string;
  /** Behind `synclr VERSION` in what names the page's generator, by which files of ours are known. */
  generator?: string;
}

/** A page of HTML that holds all that it needs and asks for nothing from elsewhere. */
export function pageOf({ title, style, body, script, generator = '' }: PageParts): string {
  const scripts = script === undefined ? '' : "; script-src 'unsafe-inline'";
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'${new Html(scripts)}">
<meta name="generator" content="synclr ${VERSION}${generator}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
${body}
</main>
${script !== undefined && html`<script>${new Html(script)}</script>\n`}</body>
</html>
`.text;
}

import { expect, it } from 'vitest';
import { html } from './html.js';

it('what is put into a page is text, in attributes too, and shows what nobody sees', () => {
  const text = '<img src=x onerror=alert(1)> "a" \'b\' & \u202egnp.exe\u202c \u0007\u001b[31m';
  const shown =
    '&lt;img src=x onerror=alert(1)&gt; &quot;a&quot; &#39;b&#39; &amp; \\u202egnp.exe\\u202c \\u0007\\u001b[31m';
  expect(html`<p title="${text}">${[text]}</p>`.text).toBe(`<p title="${shown}">${shown}</p>`);
});

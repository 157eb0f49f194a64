/**
 * Next runs this in the browser before the first component. A dialog that keeps the page below from scrolling adds a style element, which
 * the policy of pages allows with this document's nonce only; a browser shows that to scripts, not to selectors.
 */
import { setNonce } from 'get-nonce';

const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce;
if (nonce) setNonce(nonce);

import punycode from 'node:punycode'; // breaks: no-deprecated-core

export const seen = punycode;

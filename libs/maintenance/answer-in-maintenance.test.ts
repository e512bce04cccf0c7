import fc from 'fast-check';

import { Secret } from '#libs/config/secret.js';

import { answerInMaintenance, type MaintenanceRequest } from './answer-in-maintenance.js';
import { BypassKeys } from './bypass-keys.js';
import { bypassWord } from './bypass-word.js';
import { USUAL_ANSWER, type Maintenance } from './maintenance.js';

const keys = new BypassKeys(new Secret(Buffer.alloc(32, 1)));
const word = bypassWord('let-me-in');
const now = new Date('2026-03-10T00:00:00Z');
const closed: Maintenance = { ...USUAL_ANSWER, episode: 'first', since: now, word: undefined };
const withWord: Maintenance = { ...closed, word: keys.hash(word) };
const pass = keys.pass(withWord, now).value;

const plain: MaintenanceRequest = {
  method: 'GET',
  target: '/repository/community/debian/file',
  host: 'packages.example',
  hasCredentials: false,
  word: undefined,
  pass: undefined,
};
const answer = (maintenance: Maintenance, request: Partial<MaintenanceRequest>) =>
  answerInMaintenance(maintenance, { ...plain, ...request }, keys, now);

describe('how a request is answered in a maintenance (T-143)', () => {
  it.each<[string, Partial<Maintenance>, Partial<MaintenanceRequest>, string]>([
    ['nothing that lets in', {}, {}, 'refused'],
    ['another method', {}, { method: 'POST' }, 'refused'],
    ['the word in a header', withWord, { word }, 'admitted'],
    ['the word in a header, with any method', withWord, { word, method: 'POST' }, 'admitted'],
    ['the word in a header, where none lets in', {}, { word }, 'refused'],
    ['a pass', withWord, { pass }, 'admitted'],
    ['a pass beside a wrong word', withWord, { pass, word: 'wrong-word' }, 'admitted'],
    ['a pass of another maintenance', { ...withWord, episode: 'second' }, { pass }, 'refused'],
    ['the word as address', withWord, { target: `/${word}` }, 'let-in'],
    ['the word as address, with a query', withWord, { target: `/${word}?a` }, 'let-in'],
    ['the word as address, with a pass', withWord, { target: `/${word}`, pass }, 'admitted'],
    ['the word as address of a POST', withWord, { target: `/${word}`, method: 'POST' }, 'refused'],
    ['the word as address, where none lets in', {}, { target: `/${word}` }, 'refused'],
    ['the word without a slash', withWord, { target: word }, 'refused'],
    ['a redirect', { redirect: '/soon' }, {}, 'redirected'],
    ['a redirect, with credentials', { redirect: '/soon' }, { hasCredentials: true }, 'redirected'],
    ['a redirect, HEAD', { redirect: '/soon' }, { method: 'HEAD' }, 'redirected'],
    ['a redirect, another method', { redirect: '/soon' }, { method: 'DELETE' }, 'refused'],
    ['a redirect, at its end', { redirect: '/soon?a' }, { target: '/soon?b' }, 'refused'],
    ['a redirect elsewhere', { redirect: 'https://a.example' }, {}, 'redirected'],
    ['a redirect elsewhere, with credentials', { redirect: 'https://a.example' }, { hasCredentials: true }, 'refused'],
    ['a redirect here', { redirect: 'http://packages.example/soon' }, { target: '/soon' }, 'refused'],
    ['a redirect here, no Host', { redirect: 'http://packages.example/' }, { host: undefined }, 'redirected'],
    ['a redirect, and the word as address', { ...withWord, redirect: '/x' }, { target: `/${word}` }, 'let-in'],
  ])('%s', (_, maintenance, request, kind) => {
    expect(answer({ ...closed, ...maintenance }, request).kind).toBe(kind);
  });

  const request = fc.record<MaintenanceRequest>({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS'),
    target: fc.oneof(fc.webPath(), fc.string()),
    host: fc.option(fc.domain(), { nil: undefined }),
    hasCredentials: fc.boolean(),
    word: fc.option(fc.string(), { nil: undefined }),
    pass: fc.option(fc.string(), { nil: undefined }),
  });

  it('lets nobody in who knows nothing', () => {
    fc.assert(
      fc.property(request, (any) =>
        ['refused', 'redirected'].includes(answer({ ...withWord, redirect: '/x' }, any).kind),
      ),
    );
  });

  it('never sends anybody in circles', () => {
    fc.assert(
      fc.property(
        request,
        fc.webPath().filter((path) => path.startsWith('/')),
        (any, redirect) => {
          const maintenance = { ...withWord, redirect };
          return answer(maintenance, { ...any, target: redirect }).kind === 'refused';
        },
      ),
    );
  });
});

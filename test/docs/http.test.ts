import { type ServerResponse } from 'node:http';

import { USUAL_ANSWER } from '#libs/maintenance/maintenance.js';

import { type Problem } from '../../apps/api/problems/problem.js';
import { maintenanceAnswer, Refusals, type Refusal } from '../../apps/api/problems/refusals.js';
import { fencesOf, PAGES } from './pages.js';

/** A total list, so that a new answer does not compile until it stands here. */
const REFUSALS: Readonly<Record<Refusal, true>> = {
  malformed: true,
  unauthenticated: true,
  refused: true,
  'not-found': true,
  method: true,
  unknown: true,
  damaged: true,
  'token-required': true,
};

function bodyOf(refusal: Refusal): string {
  let body = '';
  const response = { writeHead: () => ({ end: (bytes: Buffer) => (body = bytes.toString()) }) };
  new Refusals('realm').send(response as unknown as ServerResponse, refusal);
  return body;
}

const parsed = (body: string): Problem => JSON.parse(body) as Problem;

describe('docs/http.md', () => {
  const page = PAGES.find(({ file }) => file === 'docs/http.md') ?? { file: '', text: '' };
  const bodies = Object.keys(REFUSALS).map((refusal) => bodyOf(refusal as Refusal));
  const problems = [...bodies, maintenanceAnswer(USUAL_ANSWER).body.toString()].map(parsed);

  it('knows every answer of the api that carries no file', () => {
    expect(problems.filter(({ code = '' }) => !page.text.includes(`\`${code}\``))).toEqual([]);
  });

  it('shows bodies as they are sent', () => {
    const shown = fencesOf(page, 'json')
      .map(({ text }) => parsed(text))
      .filter(({ code }) => problems.some((problem) => problem.code === code));
    expect(shown.length).toBeGreaterThan(2);
    expect(problems).toEqual(expect.arrayContaining(shown));
  });
});

import { until } from '#libs/kernel/testing/until.js';

import { Parceler } from '../support/parceler.js';

jest.setTimeout(60_000); // real processes, one after the other

describe('programs that are asked to end', () => {
  let parceler: Parceler;
  beforeEach(async () => {
    parceler = await Parceler.create({ LOG_LEVEL: 'info' });
  });
  afterEach(() => parceler.dispose());

  const ends = () => parceler.output.split('\n').filter((line) => line.includes('program ends'));

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('serve ends all of its own in order at %s', async (signal) => {
    const service = await parceler.serve();
    await until(async () => /worker works/.test(parceler.output) && /scheduler watches/.test(parceler.output));
    expect(await parceler.stop(service, signal)).toBe(0);
    expect(ends()).toHaveLength(3);
  });

  it('and so does a part of it', async () => {
    const service = await parceler.serve({ only: 'worker' });
    await until(async () => parceler.output.includes('worker works'));
    expect(await parceler.stop(service, 'SIGHUP')).toBe(0);
    expect(ends()).toHaveLength(1);
  });
});

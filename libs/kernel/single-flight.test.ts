import { SingleFlight } from './single-flight.js';

describe('SingleFlight', () => {
  it('does the work once for all who ask meanwhile, and again for who asks later', async () => {
    const flights = new SingleFlight<string, number>();
    let count = 0;
    const work = async () => (count += 1);
    expect(await Promise.all([flights.run('a', work), flights.run('a', work), flights.run('b', work)])).toEqual([
      1, 1, 2,
    ]);
    expect(await flights.run('a', work)).toBe(3);
  });

  it('forgets a failure', async () => {
    const flights = new SingleFlight<string, number>();
    await expect(flights.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await flights.run('a', async () => 1)).toBe(1);
  });
});

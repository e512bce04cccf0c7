/** Lets the first who asks do the work; whoever asks for the same meanwhile gets the same answer. */
export class SingleFlight<Key, Answer> {
  private readonly flights = new Map<Key, Promise<Answer>>();

  run(key: Key, work: () => Promise<Answer>): Promise<Answer> {
    const flight = this.flights.get(key);
    if (flight !== undefined) return flight;
    const started = work().finally(() => this.flights.delete(key));
    this.flights.set(key, started);
    return started;
  }
}

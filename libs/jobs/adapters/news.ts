/** Lets a loop wait until something has changed since it took `next`. */
export class News {
  private tellNext: () => void = () => undefined;
  private promise = this.newPromise();

  get next(): Promise<void> {
    return this.promise;
  }

  tell(): void {
    this.tellNext();
    this.promise = this.newPromise();
  }

  private newPromise(): Promise<void> {
    return new Promise((resolve) => {
      this.tellNext = resolve;
    });
  }
}
